//! `YYYY-MM-DD HH:MM:SS`, with a space or T between, with 1 to 6 digits of a second or without, and nothing else.

use jiff::civil::DateTime;
use std::fmt::Write;

/// Reads a timestamp; `None` if it isn't one, or has a zone.
pub(super) fn read(text: &str) -> Option<DateTime> {
    let bytes = text.as_bytes();
    let (whole, fraction) = bytes.split_at_checked(19)?;
    let punctuation = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if punctuation.iter().any(|(at, sign)| whole[*at] != *sign) || !matches!(whole[10], b' ' | b'T') {
        return None;
    }
    let number = |from: usize, until: usize| digits(&whole[from..until]);
    let micros = match fraction {
        [] => 0,
        [b'.', digits_of @ ..] if (1..=6).contains(&digits_of.len()) => {
            digits(digits_of)? * 10i32.pow(6 - digits_of.len() as u32)
        }
        _ => return None,
    };
    let year = i16::try_from(number(0, 4)?).ok()?;
    let [month, day, hour, minute, second] =
        [number(5, 7)?, number(8, 10)?, number(11, 13)?, number(14, 16)?, number(17, 19)?].map(|part| part as i8);
    DateTime::new(year, month, day, hour, minute, second, micros * 1_000).ok()
}

/// Reads up to 9 digits.
fn digits(text: &[u8]) -> Option<i32> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i32::from(byte - b'0')))
}

/// Appends a timestamp as the published nodes do: with six digits of a second, or none if they are all 0.
pub(super) fn push(text: &mut String, at: DateTime) {
    let (date, time) = (at.date(), at.time());
    // A String never fails to be written to.
    let _ = write!(
        text,
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    );
    let micros = time.subsec_nanosecond() / 1_000;
    if micros != 0 {
        let _ = write!(text, ".{micros:06}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::datetime;

    #[test]
    fn a_space_or_a_t_and_a_fraction_or_none() {
        let expected = datetime(2020, 12, 2, 16, 19, 27, 0);
        assert_eq!(read("2020-12-02 16:19:27"), Some(expected));
        assert_eq!(read("2020-12-02T16:19:27"), Some(expected));
        for (text, nanos) in [(".5", 500_000_000), (".123456", 123_456_000), (".000001", 1_000), (".120", 120_000_000)]
        {
            let expected = datetime(2020, 12, 2, 16, 19, 27, nanos);
            assert_eq!(read(&format!("2020-12-02 16:19:27{text}")), Some(expected), "{text}");
        }
    }

    #[test]
    fn zones_ellipses_and_days_that_do_not_exist_are_refused() {
        for text in [
            "2020-12-02 16:19:27Z",
            "2020-12-02 16:19:27+00:00",
            "2020-12-02 16:19:27.",
            "2020-12-02 16:19:27.1234567",
            "2020-12-02 16:19:27,5",
            "2020-12-02 16:19 ... ",
            "2020-12-02 16:19",
            "2020-12-02_16:19:27",
            "2020-02-30 16:19:27",
            "2020-12-02 24:00:00",
            "2020-12-02 16:19:60",
            "2020-12-0२ 16:19:27",
            "+020-12-02 16:19:27",
            "",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn it_is_written_as_pythons_str_of_a_datetime() {
        let mut text = String::new();
        push(&mut text, datetime(2020, 2, 9, 6, 5, 4, 30_000));
        push(&mut text, datetime(987, 2, 9, 6, 5, 4, 999));
        assert_eq!(text, "2020-02-09 06:05:04.0000300987-02-09 06:05:04");
    }
}
