/**
 * The smallest of several ascending cursors, with one comparison a level when it moves on. Inner nodes hold the
 * loser of the match between their sides, node 0 the winner of all.
 */
export class LoserTree<Cursor extends { next(): boolean }> {
  readonly #cursors: (Cursor | undefined)[];
  readonly #compare: (a: Cursor, b: Cursor) => number;
  /** Indexes of cursors: [0] the winner, [1…] losers; leaf i has the place cursors.length + i. */
  readonly #nodes: Int32Array;

  /** Cursors stand before their first element. Of equal ones that which was given first wins. */
  constructor(cursors: readonly Cursor[], compare: (a: Cursor, b: Cursor) => number) {
    this.#cursors = cursors.map((cursor) => (cursor.next() ? cursor : undefined));
    this.#compare = compare;
    this.#nodes = new Int32Array(Math.max(1, cursors.length));
    this.#nodes[0] = cursors.length === 0 ? -1 : this.#play(1);
  }

  /** The cursor with the smallest element; undefined when all are at their ends. */
  get winner(): Cursor | undefined {
    const index = this.#nodes[0] as number;
    return index < 0 ? undefined : this.#cursors[index];
  }

  /** Moves the winner to its next element and finds the new one. */
  advance(): void {
    const nodes = this.#nodes;
    let winner = nodes[0] as number;
    if (this.#cursors[winner]?.next() !== true) this.#cursors[winner] = undefined;
    for (let node = (winner + nodes.length) >> 1; node >= 1; node >>= 1) {
      const loser = nodes[node] as number;
      if (this.#isBefore(loser, winner)) {
        nodes[node] = winner;
        winner = loser;
      }
    }
    nodes[0] = winner;
  }

  #play(node: number): number {
    const { length } = this.#nodes;
    if (node >= length) return node - length;
    const left = this.#play(2 * node);
    const right = this.#play(2 * node + 1);
    const isRight = this.#isBefore(right, left);
    this.#nodes[node] = isRight ? left : right;
    return isRight ? right : left;
  }

  #isBefore(i: number, j: number): boolean {
    const a = this.#cursors[i];
    const b = this.#cursors[j];
    if (a === undefined) return false;
    if (b === undefined) return true;
    const order = this.#compare(a, b);
    return order < 0 || (order === 0 && i < j);
  }
}
