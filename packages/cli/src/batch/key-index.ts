import { createHash } from "node:crypto";

/** Number of 32-bit words of a digest. 128 bits differ for different keys. */
const WORDS = 4;
/** Initial number of slots. A power of two. */
const SLOTS = 1_024;

/** The keys of the inputs in their order, as digests: a key takes about 40 bytes, however long it is. */
export class KeyIndex {
  /** Digest of each key. There is room for as many as half of the slots. */
  #digests = new Uint32Array((SLOTS / 2) * WORDS);
  /** Hash table with open addressing: index of a key and 1; 0 for a free slot. */
  #slots = new Uint32Array(SLOTS);
  #indexes = new Uint32Array(SLOTS / 2);
  /** Number of different keys. */
  size = 0;

  /** Adds the key of the input at an index, unless an earlier one has it. */
  add(key: string, index: number): void {
    const digest = digestOf(key);
    const slot = this.#slotOf(digest);
    if (this.#slots[slot] !== 0) return;
    this.#digests.set(digest, this.size * WORDS);
    this.#indexes[this.size] = index;
    this.#slots[slot] = ++this.size;
    if (this.size * 2 === this.#slots.length) this.#grow();
  }

  /** Returns the index of the first input with a key; `undefined` for a key that no input has. */
  find(key: string): number | undefined {
    const place = this.#slots[this.#slotOf(digestOf(key))]!;
    return place === 0 ? undefined : this.#indexes[place - 1];
  }

  /** Returns the slot of a digest, or the free slot where it would be added. */
  #slotOf(digest: Uint32Array): number {
    const mask = this.#slots.length - 1;
    for (let slot = digest[0]! & mask; ; slot = (slot + 1) & mask) {
      const place = this.#slots[slot]!;
      if (place === 0 || this.#isAt(place - 1, digest)) return slot;
    }
  }

  #isAt(place: number, digest: Uint32Array): boolean {
    return digest.every((word, at) => word === this.#digests[place * WORDS + at]);
  }

  #grow(): void {
    const slots = this.#slots.length * 2;
    this.#digests = copied(this.#digests, (slots / 2) * WORDS);
    this.#indexes = copied(this.#indexes, slots / 2);
    this.#slots = new Uint32Array(slots);
    for (let place = 0; place < this.size; place++) {
      const digest = this.#digests.subarray(place * WORDS, (place + 1) * WORDS);
      this.#slots[this.#slotOf(digest)] = place + 1;
    }
  }
}

function copied(words: Uint32Array<ArrayBuffer>, length: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(length);
  copy.set(words);
  return copy;
}

function digestOf(key: string): Uint32Array {
  const bytes = createHash("sha256").update(key).digest();
  return Uint32Array.from({ length: WORDS }, (_, at) => bytes.readUInt32LE(at * 4));
}
