import { randomBytes } from "node:crypto";

/** Lock ids of one run of the bus as the GUIDs that clients use. */
export interface LockTokens {
  /** The delivery tag: the client turns it round into the GUID it shows. */
  tagOf(lockId: number): Buffer;
  /** 0, which is never a lock, for a token that is not of this run. */
  lockIdOfTag(tag: Buffer): number;
  /** From the 16 bytes of a GUID as it is written, which management requests carry. */
  lockIdOfGuid(guid: Buffer): number;
}

/** All locks are void after a restart: a token carries the run it belongs to. */
export function createLockTokens(): LockTokens {
  const run = randomBytes(8);
  return {
    tagOf(lockId) {
      const guid = Buffer.alloc(16);
      run.copy(guid);
      guid.writeBigUInt64BE(BigInt(lockId), 8);
      return turned(guid);
    },
    lockIdOfTag: (tag) => lockIdOf(turned(tag)),
    lockIdOfGuid: lockIdOf,
  };

  function lockIdOf(guid: Buffer): number {
    if (guid.length !== 16 || !guid.subarray(0, 8).equals(run)) return 0;
    return Number(guid.readBigUInt64BE(8));
  }
}

/** .NET writes the first three parts of a GUID with the lowest byte first. */
function turned(guid: Buffer): Buffer {
  const other = Buffer.from(guid);
  other.subarray(0, 4).reverse();
  other.subarray(4, 6).reverse();
  other.subarray(6, 8).reverse();
  return other;
}
