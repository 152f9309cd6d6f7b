// money: integer minor units to text and back. Never floating point: the digits are moved as text.

import { locale } from "./text.mjs";

const formats = new Map();

function format_of(currency) {
	let format = formats.get(currency);
	if (!format) {
		format = new Intl.NumberFormat(locale, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
		formats.set(currency, format);
	}
	return format;
}

/** Decimal places of the currency's minor unit: 0, 2 or 3. */
export const digits_of = (currency) => format_of(currency).resolvedOptions().maximumFractionDigits;

/** Minor units as plain decimal text, "-1234.50". */
export function decimal_of(minor, digits) {
	if (!Number.isSafeInteger(minor))
		throw new RangeError("an amount is not a whole number that can be counted exactly");
	const text = String(Math.abs(minor)).padStart(digits + 1, "0");
	const whole = text.slice(0, text.length - digits);
	return (minor < 0 ? "-" : "") + whole + (digits ? `.${text.slice(-digits)}` : "");
}

/** Minor units as the phone's owner writes amounts, "$1,234.50". Intl takes the decimal as text, digit by digit. */
export const format_money = (minor, currency) => format_of(currency).format(decimal_of(minor, digits_of(currency)));

/** What a person typed ("12", "12.5", "12,50") as minor units; null when it is not an amount above zero. */
export function parse_money(text, currency) {
	const digits = digits_of(currency);
	const match = /^(\d{1,12})(?:[.,](\d*))?$/.exec(text.trim());
	if (!match || (match[2] ?? "").length > digits) return null;
	const minor = Number(match[1] + (match[2] ?? "").padEnd(digits, "0"));
	return Number.isSafeInteger(minor) && minor > 0 ? minor : null;
}
