# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Completion of reloop's commands and options for bash. The command itself is asked what there is, so this never lags behind.

_reloop_commands() {
	reloop help 2> /dev/null | sed -n 's/^  \([a-z-]\+\) .*/\1/p'
}

# _reloop_help COMMAND: with that of the command whose options it has as well.
_reloop_help() {
	local text

	text=$(reloop help "$1" 2> /dev/null)
	printf '%s\n' "$text"
	text=$(sed -n 's/^  and the options of: reloop help //p' <<< "$text")
	[[ ! $text ]] || reloop help "$text" 2> /dev/null
}

# _reloop_options COMMAND: "-o --offset SIZE", "--all", one a line.
_reloop_options() {
	_reloop_help "$1" | sed -nE 's/^ +((-.), )?(--[a-z-]+)( [^ ]+)?.*/\2 \3\4/p'
}

# _reloop_list COLUMN: of what is attached, but for names that are printed with escapes or are none.
_reloop_list() {
	reloop list --noheadings --columns "$1" 2> /dev/null | sed '/\\x/d; / (deleted)$/d; /^(its path is too long) *$/d; s/ *$//'
}

# _reloop_ways COMMAND OPTION: those that the help names.
_reloop_ways() {
	_reloop_help "$1" | sed -nE "s/^ +(-., )?$2 HOW +//p" | sed -E 's/:.*//; s/, | or /\n/g'
}

# _reloop_columns WORD: with those that WORD has already.
_reloop_columns() {
	local before=''

	[[ $1 != *,* ]] || before=${1%,*},
	reloop help columns 2> /dev/null | sed -nE "s|^ [ *-][A-Z-]+ +([a-z_]+) .*|$before\1|p"
}

# _reloop_offer WORD: those lines of standard input that WORD is the beginning of.
_reloop_offer() {
	local line

	while IFS= read -r line; do
		[[ $line && $line == "$1"* ]] || continue
		[[ $line != *[!A-Za-z0-9_./,:@%+=-]* ]] || line=$(printf '%q' "$line")
		COMPREPLY+=("$line")
	done
}

# _reloop_operands COMMAND: what its help calls them.
_reloop_operands() {
	reloop help "$1" 2> /dev/null |
		sed -n '1s/^Usage: reloop [a-z-]* *\(\[OPTION\]\.\.\.\)\? *//;1s/ -- .*//;1p'
}

# _reloop_keys COMMAND: "op=", those that the help explains.
_reloop_keys() {
	reloop help "$1" 2> /dev/null | sed -nE 's/^  ([a-z]+=) .*/\1/p'
}

# _reloop_argument KIND WORD COMMAND OPTION: words for what the help calls KIND.
_reloop_argument() {
	case $1 in
	HOW) _reloop_offer "$2" < <(_reloop_ways "$3" "$4") ;;
	'YES|NO') _reloop_offer "$2" <<< $'yes\nno' ;;
	NAME,...) _reloop_offer "$2" < <(_reloop_columns "$2") ;;
	NAME) [[ $3 == @(attach|run) ]] || _reloop_offer "$2" < <(_reloop_list label) ;;
	PID) _pids ;;
	*DEVICE*) _reloop_offer "$2" < <(_reloop_list device) ;;
	*COMMAND*) _reloop_offer "$2" < <(_reloop_commands) ;;
	esac
	case $1 in
	*DEVICE*IMAGE*) _reloop_offer "$2" < <(_reloop_list backing_file) ;;&
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
	# What follows "--" of "reloop run" is a command line of its own.
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
		# The first may be a word of several, as in "create|status FILE".
		if ((cword == 2)) && [[ $kind =~ ^([a-z|]+)' ' ]]; then
			_reloop_offer "$cur" <<< "${BASH_REMATCH[1]//|/$'\n'}"
		# Or the second, as in "DEVICE add|list|clear", before what the help explains as "KEY=".
		elif ((cword == 3)) && [[ $kind =~ ^[A-Z|]+' '([a-z|]+)' ' ]]; then
			_reloop_offer "$cur" <<< "${BASH_REMATCH[1]//|/$'\n'}"
		elif ((cword > 3)) && [[ $kind == *RULE* ]]; then
			_reloop_offer "$cur" < <(_reloop_keys "$command")
			compopt -o nospace
		else
			_reloop_argument "$kind" "$cur" "$command"
		fi
	fi
} && complete -F _reloop reloop
