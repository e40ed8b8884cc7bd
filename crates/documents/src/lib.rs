//! What enters and leaves as files: line lists, links, encounters and visits as CSV or XLSX. Pure.
//!
//! Bytes and readers come in, values go out. This crate opens no path, asks no clock, and knows
//! nothing of cases: it can say that `2020-02-30` is not a day, not whether a day is an onset.
//!
//! A file is read in three steps: [`table`] gives rows of cells, [`columns`] says which column is
//! which field, [`values`] turns a cell into a day, an instant or a number, or says why it can't.
//! Rows that were refused go back to their author through [`refused`].

pub mod cell;
pub mod table;

pub mod columns;
pub mod values;

pub mod refused;

pub mod csv_out;
pub mod fhir;
pub mod markup;
pub mod sormas;
pub mod xlsx_out;

pub mod territory;
