/** The few functions of jstat that are used; the package brings no types. */
declare module 'jstat' {
  interface Jstat {
    readonly studentt: { inv(p: number, degreesOfFreedom: number): number };
    readonly normal: { inv(p: number, mean: number, standardDeviation: number): number };
  }
  const jstat: Jstat;
  export default jstat;
}
