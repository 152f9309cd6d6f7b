# Completion of qrtill(1) for bash. The words come from the program itself (qrtill help --all), so that they cannot
# differ from what it understands.
_qrtill()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words line
	local noun=${COMP_WORDS[1]:-} verb=${COMP_WORDS[2]:-}

	[ -n "${_qrtill_words:-}" ] || _qrtill_words=$("${COMP_WORDS[0]}" help --all 2>/dev/null)
	case $prev in
	--*-file | --from | --out | --png | --svg | --dir | --data-dir | --socket | --keys | import | read | backup | restore)
		COMPREPLY=()
		compopt -o default
		return ;;
	esac
	if [ "$COMP_CWORD" -eq 1 ]; then
		words="help $(awk '{print $1}' <<<"$_qrtill_words" | sort -u)"
	elif [ "$COMP_CWORD" -eq 2 ] && [[ $cur != -* ]]; then
		words=$(awk -v n="$noun" '$1 == n && $2 != "-" {print $2}' <<<"$_qrtill_words")
	else
		line=$(awk -v n="$noun" -v v="$verb" '$1 == n && ($2 == v || $2 == "-") {print; exit}' <<<"$_qrtill_words")
		words=$(tr ' ' '\n' <<<"$line" | sed -n 's/^\(--[a-z-]*\)=*$/\1/p')
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _qrtill qrtill
