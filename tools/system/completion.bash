# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completes reloop's commands and options in bash. It asks the command itself what there is, so it is never out of date.

_reloop_commands() {
	reloop help 2> /dev/null | sed -n 's/^  \([a-z-]\+\) .*/\1/p'
}

# _reloop_help COMMAND: its help, plus that of the command whose options it has as well.
_reloop_help() {
	local text

	text=$(reloop help "$1" 2> /dev/null)
	printf '%s\n' "$text"
	text=$(sed -n 's/^  and the options of: reloop help //p' <<< "$text")
	[[ ! $text ]] || reloop help "$text" 2> /dev/null
}

# _reloop_options COMMAND: its options, such as "-o --offset SIZE" or "--all", one per line.
_reloop_options() {
	_reloop_help "$1" | sed -nE 's/^ +((-.), )?(--[a-z-]+)( [^ ]+)?.*/\2 \3\4/p'
}

# _reloop_list COLUMN: its values for all attached devices, except names printed with escapes and texts that are no names.
_reloop_list() {
	reloop list --noheadings --columns "$1" 2> /dev/null | sed '/\\x/d; / (deleted)$/d; /^(its path is too long) *$/d; s/ *$//'
}

# _reloop_ways COMMAND OPTION: the values of the option that the help names.
_reloop_ways() {
	_reloop_help "$1" | sed -nE "s/^ +(-., )?$2 HOW +//p" | sed -E 's/:.*//; s/, | or /\n/g'
}

# _reloop_free: the devices to which nothing is attached.
_reloop_free() {
	local disk

	for disk in /sys/block/*/reloop; do
		disk=${disk%/reloop}
		[[ ! -e $disk/reloop || -e $disk/loop/backing_file ]] || echo "/dev/${disk##*/}"
	done
}

# _reloop_sectors COMMAND: sector sizes, and "auto" where the help names it.
_reloop_sectors() {
	_reloop_help "$1" | sed -nE 's/^.* --sector-size SIZE .*(auto):.*/\1/p'
	printf '%s\n' 512 1024 2048 4096
}

# _reloop_before_file COMMAND OPTION KIND: what KIND, such as "FILE|tmp|HOW:FILE", has beside files; the help names each HOW.
_reloop_before_file() {
	grep --only-matching --extended-regexp '\<[a-z]+\>' <<< "$3"
	_reloop_help "$1" | sed -nE "s/^ +(-., )?$2 .* HOW: //p" | sed -E 's/, | or |$/:\n/g'
}

# _reloop_columns WORD: all columns, each after those that WORD contains already.
_reloop_columns() {
	local before=''

	[[ $1 != *,* ]] || before=${1%,*},
	reloop help columns 2> /dev/null | sed -nE "s|^ [ *-][A-Z-]+ +([a-z_]+) .*|$before\1|p"
}

# _reloop_offer WORD: offers the lines of standard input that begin with WORD.
_reloop_offer() {
	local line

	while IFS= read -r line; do
		[[ $line && $line == "$1"* ]] || continue
		[[ $line != *[!A-Za-z0-9_./,:@%+=-]* ]] || line=$(printf '%q' "$line")
		COMPREPLY+=("$line")
	done
}

# _reloop_operands COMMAND: its operands, as the help calls them.
_reloop_operands() {
	reloop help "$1" 2> /dev/null |
		sed -n '1s/^Usage: reloop [a-z-]* *\(\[OPTION\]\.\.\.\)\? *//;1s/ -- .*//;1p'
}

# _reloop_keys COMMAND: the keys that the help explains, such as "op=".
_reloop_keys() {
	reloop help "$1" 2> /dev/null | sed -nE 's/^  ([a-z]+=) .*/\1/p'
}

# _reloop_values COMMAND KEY: the words that the help names for such a key.
_reloop_values() {
	reloop help "$1" 2> /dev/null | sed -nE "s/^  $2 +([a-z]+(, [a-z]+)+( or [a-z]+)?)( and so on)?: .*/\1/p" |
		sed -E 's/, | or /\n/g'
}

# _reloop_rule WORD COMMAND: offers keys or, behind a key, values, which a comma separates.
_reloop_rule() {
	local value=${1#*=} before=''

	if [[ $1 != *=* ]]; then
		_reloop_offer "$1" < <(_reloop_keys "$2")
		return
	fi
	[[ $value != *,* ]] || before=${value%,*},
	# Where the "=" divides words, only what is behind it is replaced.
	[[ $COMP_WORDBREAKS == *=* ]] || before=${1%%=*}=$before
	_reloop_offer "$before${value##*,}" < <(_reloop_values "$2" "${1%%=*}=" | sed "s/^/$before/")
}

# _reloop_argument KIND WORD COMMAND OPTION: offers words for an argument that the help calls KIND.
_reloop_argument() {
	case $1 in
	HOW) _reloop_offer "$2" < <(_reloop_ways "$3" "$4") ;;
	'YES|NO') _reloop_offer "$2" <<< $'yes\nno' ;;
	NAME,...) _reloop_offer "$2" < <(_reloop_columns "$2") ;;
	SIZE) [[ $4 != @(-b|--sector-size) ]] || _reloop_offer "$2" < <(_reloop_sectors "$3") ;;
	*HOW:FILE) _reloop_offer "$2" < <(_reloop_before_file "$3" "$4" "$1") ;;
	DEVICE) _reloop_offer "$2" < <(_reloop_free) ;;
	NAME) [[ $3 == @(attach|run|mount) ]] || _reloop_offer "$2" < <(_reloop_list label) ;;
	PID) _pids ;;
	*DEVICE*) _reloop_offer "$2" < <(_reloop_list device) ;;
	*COMMAND*) _reloop_offer "$2" < <(_reloop_commands) ;;
	esac
	case $1 in
	*'|IMAGE'*) _reloop_offer "$2" < <(_reloop_list backing_file) ;;&
	*IMAGE* | *FILE*) _filedir ;;
	DIR*) _filedir -d ;;
	esac
}

_reloop() {
	local cur prev words cword split i command kind
	_init_completion -s || return

	command=${words[1]:-}
	if ((cword == 1)); then
		mapfile -t COMPREPLY < <(compgen -W "$(_reloop_commands) --help --version" -- "$cur")
		return
	fi
	# The words after the "--" of "reloop run" are a command line of their own.
	for ((i = 2; i < cword; i++)); do
		if [[ $command == run && ${words[i]} == -- ]]; then
			_command_offset $((i + 1))
			return
		fi
	done
	kind=$(_reloop_options "$command" | awk -v word="$prev" '($1 == word || $2 == word) && $NF !~ /^-/ { print $NF }')
	if [[ $kind ]]; then
		_reloop_argument "$kind" "$cur" "$command" "$prev"
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_reloop_options "$command" | grep -oE -- '--[a-z-]+')" -- "$cur")
	else
		kind=$(_reloop_operands "$command")
		# The first operand may be one of several words, as in "create|status FILE".
		if ((cword == 2)) && [[ $kind =~ ^([a-z|]+)' ' ]]; then
			_reloop_offer "$cur" <<< "${BASH_REMATCH[1]//|/$'\n'}"
		# Or the second one, as in "DEVICE add|list|clear", before operands that the help explains as "KEY=".
		elif ((cword == 3)) && [[ $kind =~ ^[A-Z|]+' '([a-z|]+)' ' ]]; then
			_reloop_offer "$cur" <<< "${BASH_REMATCH[1]//|/$'\n'}"
		elif ((cword > 3)) && [[ $kind == *RULE* ]]; then
			_reloop_rule "$cur" "$command"
		else
			_reloop_argument "$kind" "$cur" "$command"
		fi
	fi
	# Something belongs behind it.
	[[ ${#COMPREPLY[@]} != 1 || ${COMPREPLY[0]} != *[:=] ]] || compopt -o nospace
} && complete -F _reloop reloop
