//! What leaves and enters as files: CSV and XLSX. Pure.
