import { readSync } from "node:fs";

/** LMDB's file format, data version 2 (`mdb.c` of the library): little-endian, as on every machine Node runs on today. */
const MAGIC = 0xbeefc0de;
const DATA_VERSION = 2;
const HEADER_BYTES = 24;
const META_BYTES = 136;
const DATABASE_BYTES = 48;
/** Where a database's description has its root page. */
const ROOT_OFFSET = 40;
/** Stands for the root of an empty tree. */
const NO_PAGE = 0xffff_ffff_ffff_ffffn;
const BRANCH = 0x01;
const LEAF = 0x02;
/** Of a node: its data lies on pages of its own; its data is a tree. */
const ON_OWN_PAGES = 0x01;
const IS_TREE = 0x02;

export interface Meta {
  readonly pageBytes: number;
  /** The file may end before it: pages that a transaction took and gave back were never written. */
  readonly lastPage: number;
  readonly transaction: bigint;
  /** Pages that the free list and the databases begin with. */
  readonly roots: readonly bigint[];
}

/** What the last transaction left; undefined where this is no LMDB file. */
export function newestMeta(descriptor: number): Meta | undefined {
  const first = metaAt(descriptor, 0);
  const second = first === undefined ? undefined : metaAt(descriptor, first.pageBytes);
  if (first === undefined || second === undefined) return undefined;
  return first.transaction >= second.transaction ? first : second;
}

function metaAt(descriptor: number, offset: number): Meta | undefined {
  const meta = Buffer.alloc(META_BYTES);
  if (readSync(descriptor, meta, 0, META_BYTES, offset + HEADER_BYTES) < META_BYTES) return undefined;
  const pageBytes = meta.readUInt32LE(24);
  const isKnown = meta.readUInt32LE(0) === MAGIC && meta.readUInt16LE(4) === DATA_VERSION;
  const isPowerOfTwo = pageBytes >= 256 && pageBytes <= 65_536 && (pageBytes & (pageBytes - 1)) === 0;
  if (!isKnown || !isPowerOfTwo) return undefined;
  return {
    pageBytes,
    lastPage: Number(meta.readBigUInt64LE(24 + 2 * DATABASE_BYTES)),
    transaction: meta.readBigUInt64LE(32 + 2 * DATABASE_BYTES),
    roots: [meta.readBigUInt64LE(24 + ROOT_OFFSET), meta.readBigUInt64LE(24 + DATABASE_BYTES + ROOT_OFFSET)],
  };
}

/** Whether anything in the file leads to a page behind its end, or nowhere that makes sense. Reads all of it but the values. */
export function reachesBeyond(descriptor: number, meta: Meta, size: number): boolean {
  const { pageBytes } = meta;
  const pageCount = Math.floor(size / pageBytes);
  const waiting = meta.roots.filter((root) => root !== NO_PAGE);
  const page = Buffer.alloc(pageBytes);
  for (let seen = 0; ; seen += 1) {
    const number = waiting.pop();
    if (number === undefined) return false;
    // A page is named once: more of them than there are is a circle.
    if (number >= pageCount || seen > pageCount) return true;
    readSync(descriptor, page, 0, pageBytes, Number(number) * pageBytes);
    const named = pagesNamedIn(page);
    if (named === undefined || named.some(({ first, count }) => first + count > pageCount)) return true;
    waiting.push(...named.filter(({ isTree }) => isTree).map(({ first }) => first));
  }
}

interface Named {
  readonly first: bigint;
  readonly count: bigint;
  /** Else a value's own pages, which name none. */
  readonly isTree: boolean;
}

/** The pages that a page of a tree names; undefined where what it says does not fit into it. */
function pagesNamedIn(page: Buffer): readonly Named[] | undefined {
  const flags = page.readUInt16LE(18);
  const nodeCount = page.readUInt16LE(20) >> 1;
  const named: Named[] = [];
  try {
    for (let index = 0; index < nodeCount; index += 1) {
      const node = HEADER_BYTES + page.readUInt16LE(HEADER_BYTES + 2 * index);
      if ((flags & BRANCH) !== 0) named.push({ first: BigInt(page.readUIntLE(node, 6)), count: 1n, isTree: true });
      else if ((flags & LEAF) !== 0) named.push(...pagesNamedBy(page, node));
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return named;
}

function pagesNamedBy(page: Buffer, node: number): readonly Named[] {
  const kind = page.readUInt16LE(node + 4);
  const data = node + 8 + page.readUInt16LE(node + 6);
  if ((kind & ON_OWN_PAGES) !== 0) {
    return [{ first: page.readBigUInt64LE(data), count: page.readBigUInt64LE(data + 16), isTree: false }];
  }
  const root = (kind & IS_TREE) === 0 ? NO_PAGE : page.readBigUInt64LE(data + ROOT_OFFSET);
  return root === NO_PAGE ? [] : [{ first: root, count: 1n, isTree: true }];
}
