// How many days a small picture of a case shows, around onset or, without one, the test.
export const SPARK_BEFORE = 7;
export const SPARK_AFTER = 21;
