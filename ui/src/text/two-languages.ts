/** The texts of one room: English gives the shape, Korean must have every part of it. */

/** Literal texts become plain strings, so that another language may say something else. */
export type Texts<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...values: infer Values) => string
      ? (...values: Values) => string
      : Texts<T[K]>;
};

export interface TwoLanguages<T> {
  readonly en: Texts<T>;
  readonly ko: Texts<T>;
}

export function twoLanguages<T>(en: T, ko: NoInfer<Texts<T>>): TwoLanguages<T> {
  return { en: en as Texts<T>, ko };
}
