/** The numbers in use, in rising order, found by binary search. Removed ones are swept out once they are the majority. */
export interface SequenceIndex {
  /** Must be greater than every number added before. */
  add(sequenceNumber: number): void;
  removed(): void;
  from(sequenceNumber: number): Iterable<number>;
}

export function createSequenceIndex(isInUse: (sequenceNumber: number) => boolean): SequenceIndex {
  let numbers: number[] = [];
  let removedCount = 0;
  return {
    add(sequenceNumber) {
      numbers.push(sequenceNumber);
    },
    removed() {
      removedCount += 1;
      if (removedCount > 1024 && removedCount * 2 > numbers.length) {
        numbers = numbers.filter(isInUse);
        removedCount = 0;
      }
    },
    *from(sequenceNumber) {
      const list = numbers;
      for (let at = firstAtLeast(list, sequenceNumber); at < list.length; at += 1) {
        const candidate = list[at] as number;
        if (isInUse(candidate)) yield candidate;
      }
    },
  };
}

function firstAtLeast(numbers: readonly number[], wanted: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
