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

_reloop_devices() {
	reloop list --noheadings 2> /dev/null | awk '{ print $1 }'
}

# _reloop_argument KIND: words for what the help calls KIND.
_reloop_argument() {
	case $1 in
	*DEVICE*) mapfile -t COMPREPLY < <(compgen -W "$(_reloop_devices)" -- "$2") ;;
	*COMMAND*) mapfile -t COMPREPLY < <(compgen -W "$(_reloop_commands)" -- "$2") ;;
	esac
	case $1 in
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
		_reloop_argument "$kind" "$cur"
	elif [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$(_reloop_options "$command" | grep -oE -- '--[a-z-]+')" -- "$cur")
	else
		_reloop_argument "$(reloop help "$command" 2> /dev/null | sed -n '1s/^Usage: reloop [a-z-]* *\(\[OPTION\]\.\.\.\)\?//;1s/ -- .*//;1p')" "$cur"
	fi
} && complete -F _reloop reloop
