/**
 * Kahan-Neumaier summation of one stream of numbers, with the order of operations of Prometheus'
 * util/kahansum. The compensation is added by the reader.
 */
export class KahanSum {
  sum: number;
  compensation: number;

  constructor(sum = 0, compensation = 0) {
    this.sum = sum;
    this.compensation = compensation;
  }

  add(value: number): void {
    const total = this.sum + value;
    if (total === Infinity || total === -Infinity) this.compensation = 0;
    else if (Math.abs(this.sum) >= Math.abs(value)) this.compensation += this.sum - total + value;
    else this.compensation += value - total + this.sum;
    this.sum = total;
  }

  get total(): number {
    return this.sum + this.compensation;
  }
}

/** The same step on a pair of sum and compensation. */
export function compensatedAdd(pair: [sum: number, compensation: number], value: number): void {
  const [sum, compensation] = pair;
  const total = sum + value;
  if (total === Infinity || total === -Infinity) pair[1] = 0;
  else if (Math.abs(sum) >= Math.abs(value)) pair[1] = compensation + (sum - total + value);
  else pair[1] = compensation + (value - total + sum);
  pair[0] = total;
}
