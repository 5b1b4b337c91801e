/** Remarks beside a result: a warning says that it may be wrong, an info that the query may be. */
export interface Annotation {
  readonly severity: 'warning' | 'info';
  /** Whole text as the API shows it, e.g. "PromQL info: … (1:6)". */
  readonly text: string;
}

/** Collects annotations; equal texts merge, order of arrival stays. */
export class Annotations {
  readonly #texts = { warning: new Set<string>(), info: new Set<string>() };

  add(annotation: Annotation): void {
    this.#texts[annotation.severity].add(annotation.text);
  }

  addAll(annotations: Iterable<Annotation>): void {
    for (const annotation of annotations) this.add(annotation);
  }

  get warnings(): readonly string[] {
    return [...this.#texts.warning];
  }

  get infos(): readonly string[] {
    return [...this.#texts.info];
  }
}
