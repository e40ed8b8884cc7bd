//! scratch
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]
use documents::{table::*, values, cell::Cell};
use std::io::Write;
fn main() {
    let mut s = Vec::new();
    for i in 0..3_000_000u64 { writeln!(s, "{}\t{}\t{}\t{}", 1385982020 + i/10, i%1000, (i*7)%1000, (i%17) as f64/10.0).unwrap(); }
    let mut e = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default()); e.write_all(&s).unwrap(); let gz = e.finish().unwrap();
    println!("{} bytes, {} packed", s.len(), gz.len());
    let q: Vec<u8> = { let mut w = Vec::new(); for i in 0..1_000_000u64 { writeln!(w, "{i},\"Jörg \"\"{}\"\"\",2020-03-01,x", i%100).unwrap(); } w };
    for (name, bytes, n) in [("plain", &s, 3e6), ("gz", &gz, 3e6), ("quoted utf8", &q, 1e6)] {
        for parse in [false, true] {
            let t = std::time::Instant::now();
            let mut table = Table::from_bytes(bytes.clone(), TableOptions{delimiter: None, header: Header::None}).unwrap();
            let mut k = 0usize;
            while let Some(row) = table.next_row().unwrap() {
                if parse { 
                    if name != "quoted utf8" {
                    k += values::instant(row.get(0), &jiff::tz::TimeZone::UTC, values::DateOrder::Iso).unwrap().is_some() as usize;
                    k += values::identifier(row.get(1)).unwrap().len(); k += values::identifier(row.get(2)).unwrap().len();
                    k += values::distance(row.get(3)).unwrap().unwrap() as usize;
                    } else { k += values::day(row.get(2), values::DateOrder::Iso).unwrap().is_some() as usize; }
                } else if let Cell::Text(t) = row.get(1) { k += t.len(); }
            }
            println!("{name} parse={parse}: {:.2} M rows/s ({k})", n / t.elapsed().as_secs_f64() / 1e6);
        }
    }
    let mut wb = rust_xlsxwriter::Workbook::new(); let sh = wb.add_worksheet();
    for r in 0..100_000u32 { for c in 0..10u16 { if c % 2 == 0 { sh.write(r, c, r).unwrap(); } else { sh.write(r, c, format!("t{r}")).unwrap(); } } }
    let b = wb.save_to_buffer().unwrap();
    let t = std::time::Instant::now();
    let mut table = Table::from_bytes(b, TableOptions{delimiter: None, header: Header::None}).unwrap();
    let mut k = 0; while let Some(r) = table.next_row().unwrap() { k += r.n_cells(); }
    println!("xlsx: {:.2} M rows/s ({k})", 0.1 / t.elapsed().as_secs_f64());
}
