/**
 * Numbers by group, in two arrays: the members of group g are `members[starts[g]]` up to
 * `members[starts[g + 1] - 1]`, in the order given. Eight bytes a member however many there are.
 */
export class Groups {
  private readonly starts: Int32Array;
  private readonly members: Int32Array;

  /** `each` is called twice and both times tells every (group, member), in the same order. */
  constructor(groups: number, each: (tell: (group: number, member: number) => void) => void) {
    const starts = new Int32Array(groups + 1);
    each((group) => {
      starts[group + 1]++;
    });
    for (let g = 0; g < groups; g++) starts[g + 1] += starts[g];
    const members = new Int32Array(starts[groups]);
    const next = starts.slice(0, groups);
    each((group, member) => {
      members[next[group]++] = member;
    });
    this.starts = starts;
    this.members = members;
  }

  /** A view of the members of a group; empty for a group that does not exist. */
  of(group: number): Int32Array {
    return this.members.subarray(this.starts[group] ?? 0, this.starts[group + 1] ?? 0);
  }
}
