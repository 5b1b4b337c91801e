/**
 * Stands in for the package re2js in the built UI, which need not carry 45 kB of it: every expression is taken as
 * it is. Whether it is one, the server says (see query-fault-lint.ts).
 */
export class RE2JS {
  static readonly DOTALL = 0;

  static compile(): RE2JS {
    return new RE2JS();
  }

  testExact(): boolean {
    return true;
  }
}

/** Never thrown here. */
export class RE2JSException extends Error {}

/** Never thrown here. */
export class RE2JSSyntaxException extends RE2JSException {}
