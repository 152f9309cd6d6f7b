// qr: draws a QR symbol (ISO/IEC 18004) of digits, or of capitals and digits, without asking anybody: versions 1 to 10,
// error correction M. The server draws all other codes; this one is for what a phone shows without a network.

// Per version: error correction codewords of a block, then how many blocks of how many data codewords.
const BLOCKS = [
	[10, 1, 16],
	[16, 1, 28],
	[26, 1, 44],
	[18, 2, 32],
	[24, 2, 43],
	[16, 4, 27],
	[18, 4, 31],
	[22, 2, 38, 2, 39],
	[22, 3, 36, 2, 37],
	[26, 4, 43, 1, 44],
];
const ALIGNMENT = [[], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50]];
const ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

// Powers of 2 and logarithms in GF(256) with x^8 + x^4 + x^3 + x^2 + 1.
const power = new Uint8Array(255);
const log = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
	power[i] = x;
	log[x] = i;
	x = (x << 1) ^ (x & 128 ? 0x11d : 0);
}
const times = (a, b) => (a && b ? power[(log[a] + log[b]) % 255] : 0);

function correction(data, count) {
	let generator = [1];
	for (let i = 0; i < count; i++) {
		const next = new Array(generator.length + 1).fill(0);
		generator.forEach((c, at) => {
			next[at] ^= c;
			next[at + 1] ^= times(c, power[i]);
		});
		generator = next;
	}
	const rest = [...data, ...new Array(count).fill(0)];
	data.forEach((_, at) => {
		const factor = rest[at];
		generator.forEach((c, i) => {
			rest[at + i] ^= times(c, factor);
		});
	});
	return rest.slice(data.length);
}

/** The text as bits of one segment; digits take 10 bits per three, others 11 per two. */
function segment(text, version) {
	const bits = [];
	const put = (value, count) => {
		for (let i = count - 1; i >= 0; i--) bits.push((value >> i) & 1);
	};
	if (/^\d+$/.test(text)) {
		put(1, 4);
		put(text.length, version < 10 ? 10 : 12);
		for (let i = 0; i < text.length; i += 3) {
			const part = text.slice(i, i + 3);
			put(Number(part), [0, 4, 7, 10][part.length]);
		}
		return bits;
	}
	put(2, 4);
	put(text.length, version < 10 ? 9 : 11);
	for (let i = 0; i < text.length; i += 2) {
		const [a, b] = [ALPHANUMERIC.indexOf(text[i]), ALPHANUMERIC.indexOf(text[i + 1] ?? "")];
		if (i + 1 < text.length) put(a * 45 + b, 11);
		else put(a, 6);
	}
	return bits;
}

function codewords(text) {
	for (let version = 1; version <= BLOCKS.length; version++) {
		const [ec, ...groups] = BLOCKS[version - 1];
		const sizes = [];
		for (let i = 0; i < groups.length; i += 2) sizes.push(...new Array(groups[i]).fill(groups[i + 1]));
		const room = sizes.reduce((sum, size) => sum + size, 0);
		const bits = segment(text, version);
		if (bits.length > room * 8) continue;
		for (let i = 0; i < 4 && bits.length < room * 8; i++) bits.push(0);
		while (bits.length % 8) bits.push(0);
		const bytes = [];
		for (let i = 0; i < bits.length; i += 8) bytes.push(bits.slice(i, i + 8).reduce((all, bit) => all * 2 + bit, 0));
		for (let pad = 0xec; bytes.length < room; pad ^= 0xec ^ 0x11) bytes.push(pad);
		let at = 0;
		const blocks = sizes.map((size) => bytes.slice(at, (at += size)));
		const ends = blocks.map((block) => correction(block, ec));
		const out = [];
		for (let i = 0; i < Math.max(...sizes); i++) for (const block of blocks) if (i < block.length) out.push(block[i]);
		for (let i = 0; i < ec; i++) for (const end of ends) out.push(end[i]);
		return { version, out };
	}
	throw new RangeError("too long for a code");
}

const MASKS = [
	(x, y) => (x + y) % 2,
	(x, y) => y % 2,
	(x) => x % 3,
	(x, y) => (x + y) % 3,
	(x, y) => ((x / 3) | 0) + ((y / 2) | 0) & 1,
	(x, y) => ((x * y) % 2) + ((x * y) % 3),
	(x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2,
	(x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2,
];

/** Check bits of format (level M) and version. */
function bch(value, generator, length) {
	let rest = value << length;
	for (let i = 31 - Math.clz32(rest); i >= length; i = 31 - Math.clz32(rest)) rest ^= generator << (i - length);
	return (value << length) | rest;
}

function frame(version) {
	const size = 17 + version * 4;
	const dark = Array.from({ length: size }, () => new Uint8Array(size));
	const fixed = Array.from({ length: size }, () => new Uint8Array(size));
	const set = (x, y, on) => {
		if (x < 0 || y < 0 || x >= size || y >= size) return;
		dark[y][x] = on ? 1 : 0;
		fixed[y][x] = 1;
	};
	for (let i = 0; i < size; i++) {
		set(6, i, i % 2 === 0);
		set(i, 6, i % 2 === 0);
	}
	for (const [cx, cy] of [
		[3, 3],
		[size - 4, 3],
		[3, size - 4],
	])
		for (let y = -4; y <= 4; y++)
			for (let x = -4; x <= 4; x++) {
				const ring = Math.max(Math.abs(x), Math.abs(y));
				set(cx + x, cy + y, ring !== 2 && ring !== 4);
			}
	const places = ALIGNMENT[version - 1];
	for (const cx of places)
		for (const cy of places) {
			const corner = (v) => v === 6 || v === size - 7;
			if (corner(cx) && corner(cy) && !(cx === size - 7 && cy === size - 7)) continue;
			for (let y = -2; y <= 2; y++)
				for (let x = -2; x <= 2; x++) set(cx + x, cy + y, Math.max(Math.abs(x), Math.abs(y)) !== 1);
		}
	if (version >= 7) {
		const bits = bch(version, 0x1f25, 12);
		for (let i = 0; i < 18; i++) {
			set(size - 11 + (i % 3), (i / 3) | 0, (bits >> i) & 1);
			set((i / 3) | 0, size - 11 + (i % 3), (bits >> i) & 1);
		}
	}
	return { size, dark, fixed, set };
}

function put_format({ size, set }, mask) {
	const bits = bch(mask, 0x537, 10) ^ 0x5412; // level M is 00
	const bit = (i) => (bits >> i) & 1;
	for (let i = 0; i < 6; i++) set(8, i, bit(i));
	set(8, 7, bit(6));
	set(8, 8, bit(7));
	set(7, 8, bit(8));
	for (let i = 9; i < 15; i++) set(14 - i, 8, bit(i));
	for (let i = 0; i < 8; i++) set(size - 1 - i, 8, bit(i));
	for (let i = 8; i < 15; i++) set(8, size - 15 + i, bit(i));
	set(8, size - 8, 1);
}

/** Long runs, blocks of one colour and an uneven balance make a symbol hard to read. */
function penalty({ size, dark }) {
	let points = 0;
	let black = 0;
	for (let y = 0; y < size; y++) {
		for (const at of [(i) => dark[y][i], (i) => dark[i][y]])
			for (let i = 1, run = 1; i <= size; i++) {
				if (i < size && at(i) === at(i - 1)) run++;
				else {
					if (run >= 5) points += run - 2;
					run = 1;
				}
			}
		for (let x = 0; x < size; x++) {
			black += dark[y][x];
			const sum = x && y ? dark[y][x] + dark[y - 1][x] + dark[y][x - 1] + dark[y - 1][x - 1] : 1;
			if (sum === 0 || sum === 4) points += 3;
		}
	}
	return points + 10 * Math.floor(Math.abs((black * 20) / (size * size) - 10));
}

/** Rows of 0 and 1 for a text of digits, or of capitals, digits and " $%*+-./:". */
export function qr_modules(text) {
	const { version, out } = codewords(text);
	let best = null;
	for (let mask = 0; mask < MASKS.length; mask++) {
		const symbol = frame(version);
		put_format(symbol, mask);
		const { size, dark, fixed } = symbol;
		let at = 0;
		for (let right = size - 1; right > 0; right -= 2) {
			if (right === 6) right--;
			for (let i = 0; i < size; i++)
				for (const x of [right, right - 1]) {
					const y = ((right + 1) & 2) === 0 ? size - 1 - i : i;
					if (fixed[y][x]) continue;
					const bit = at < out.length * 8 ? (out[at >> 3] >> (7 - (at & 7))) & 1 : 0;
					dark[y][x] = bit ^ (MASKS[mask](x, y) === 0 ? 1 : 0);
					at++;
				}
		}
		const points = penalty(symbol);
		if (!best || points < best.points) best = { points, dark };
	}
	return best.dark;
}
