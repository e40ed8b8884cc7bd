/** Returns the link that dials a number, as it is written. */
export const telHref = (number: string) => `tel:${number.replace(/[^+\d]/g, '')}`;
