-- Anonymising: what names somebody ends, what is counted stays.
ALTER TABLE person ADD COLUMN anonymised_on DAY; -- Day on which everything that names them was erased; null while it is there
