//! A run as CSV files: who was where and what, who met whom, who infected whom, in each second.
//!
//! They are written while the run goes on, under names that end with `.part`. Only when all are whole and synced they take
//! their names, `run.json` last: a folder with a `run.json` holds a whole run, and one without doesn't.

use crate::failure::Mistyped;
use anyhow::Context;
use domain::runs::Health;
use simulator::engine::Second;
use simulator::{Seen, Snapshot};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// The files of a run that goes on.
pub struct RunFiles {
    folder: PathBuf,
    positions: Rows,
    contacts: Rows,
    infections: Rows,
}

/// The names that the files take in the end, in this order.
const NAMES: [&str; 4] = ["positions.csv", "contacts.csv", "infections.csv", "run.json"];

/// One of the files.
struct Rows {
    path: PathBuf,
    out: BufWriter<File>,
    row: Vec<u8>,
}

impl RunFiles {
    /// Begins the files in a folder, which is made if it isn't there. Two runs can't write into one folder.
    pub fn begin(folder: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        check_free(folder)?;
        let positions = Rows::open(part(folder, NAMES[0]))?;
        if positions.out.get_ref().try_lock().is_err() {
            let sentence = format!("another run is being written into {}", folder.display());
            return Err(Mistyped { sentence, hint: "choose another folder, or wait for its end" }.into());
        }
        // That one may have ended just now.
        check_free(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            positions: positions.begin("second,node,x,y,health,alive")?,
            contacts: Rows::open(part(folder, NAMES[1]))?.begin("second,lower,higher,distance_squared")?,
            infections: Rows::open(part(folder, NAMES[2]))?.begin("second,infected,infector,distance_squared")?,
        })
    }

    /// Writes a second.
    pub fn write(&mut self, second: &Second<'_>, snapshot: &Snapshot) -> anyhow::Result<()> {
        let t = second.second;
        for (number, position, seen) in snapshot.agents() {
            let how: &[u8] = match seen {
                Seen::Alive(Health::Susceptible) => b"susceptible,true\n",
                Seen::Alive(Health::Infected) => b"infected,true\n",
                Seen::Alive(Health::Immune) => b"immune,true\n",
                Seen::Last(Health::Susceptible) => b"susceptible,false\n",
                Seen::Last(Health::Infected) => b"infected,false\n",
                Seen::Last(Health::Immune) => b"immune,false\n",
            };
            self.positions.write([t, number, position.x.into(), position.y.into()], Some(how))?;
        }
        for contact in second.contacts {
            self.contacts.write([t, contact.lower, contact.higher, contact.distance_squared], None)?;
        }
        for infection in second.infections {
            let row = [t, infection.infected, infection.infector, infection.distance_squared];
            self.infections.write(row, None)?;
        }
        Ok(())
    }

    /// Ends the files with what is known of the whole run; now they take their names.
    pub fn finish(self, run: &impl serde::Serialize) -> anyhow::Result<()> {
        let Self { folder, mut positions, mut contacts, mut infections } = self;
        for rows in [&mut positions, &mut contacts, &mut infections] {
            let cannot = || format!("cannot write {}", rows.path.display());
            rows.out.flush().with_context(cannot)?;
            rows.out.get_ref().sync_all().with_context(cannot)?;
        }
        let path = part(&folder, NAMES[3]);
        let cannot = || format!("cannot write {}", path.display());
        let mut file = File::create(&path).with_context(cannot)?;
        file.write_all(serde_json::to_string_pretty(run)?.as_bytes()).with_context(cannot)?;
        file.sync_all().with_context(cannot)?;
        for name in NAMES {
            let to = folder.join(name);
            std::fs::rename(part(&folder, name), &to).with_context(|| format!("cannot write {}", to.display()))?;
        }
        Ok(())
    }
}

fn check_free(folder: &Path) -> anyhow::Result<()> {
    match NAMES.map(|name| folder.join(name)).into_iter().find(|path| path.exists()) {
        None => Ok(()),
        Some(path) => {
            let sentence = format!("{} is there already", path.display());
            Err(Mistyped { sentence, hint: "choose another folder, or delete the old run first" }.into())
        }
    }
}

/// Deletes what a run that failed has begun.
pub fn discard(folder: &Path) {
    for name in NAMES {
        // Whatever stays has a name that says what it is.
        let _ = std::fs::remove_file(part(folder, name));
    }
}

fn part(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.part"))
}

impl Rows {
    /// Opens a file, and leaves in it what is there: it may be another run's.
    fn open(path: PathBuf) -> anyhow::Result<Self> {
        let opened = File::options().write(true).create(true).truncate(false).open(&path);
        let file = opened.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { path, out: BufWriter::with_capacity(1 << 20, file), row: Vec::new() })
    }

    /// Empties the file, and writes its first row.
    fn begin(mut self, header: &str) -> anyhow::Result<Self> {
        let cannot = || format!("cannot write {}", self.path.display());
        self.out.get_ref().set_len(0).with_context(cannot)?;
        writeln!(self.out, "{header}").with_context(cannot)?;
        Ok(self)
    }

    /// Writes four numbers, and what comes behind the comma after them.
    fn write(&mut self, numbers: [u32; 4], behind: Option<&[u8]>) -> anyhow::Result<()> {
        self.row.clear();
        for number in numbers {
            write_number(&mut self.row, number);
            self.row.push(b',');
        }
        match behind {
            Some(behind) => self.row.extend_from_slice(behind),
            None => {
                self.row.pop();
                self.row.push(b'\n');
            }
        }
        self.out.write_all(&self.row).with_context(|| format!("cannot write {}", self.path.display()))
    }
}

/// Writes a number in decimal digits: a run has many of them, and the formatter of the library takes five times as long.
fn write_number(row: &mut Vec<u8>, mut number: u32) {
    let mut digits = [0; 10];
    let mut first = digits.len();
    loop {
        first -= 1;
        // Fits: it is below ten.
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    row.extend_from_slice(&digits[first..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_everybody_writes_them() {
        for number in [0, 7, 10, 99, 100, 65_535, 1_000_000_007, u32::MAX] {
            let mut row = Vec::new();
            write_number(&mut row, number);
            assert_eq!(String::from_utf8(row).unwrap(), number.to_string());
        }
    }
}
