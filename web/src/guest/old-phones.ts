// What the library beneath calls and phones from before 2020 lack.

if (!String.prototype.replaceAll) {
  Object.defineProperty(String.prototype, 'replaceAll', {
    value(this: string, from: string, to: string) {
      return this.split(from).join(to);
    },
  });
}
