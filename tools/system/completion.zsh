#compdef reloop
# SPDX-License-Identifier: GPL-2.0-only
# Completes reloop's commands and options in zsh. It asks the command itself what there is, so it is never out of date.

_reloop_commands() {
	local -a commands
	commands=(${(f)"$(reloop help 2> /dev/null | sed -nE 's/^  ([a-z-]+) +(.*)/\1:\2/p')"})
	_describe command commands
}

# _reloop_help COMMAND: its help, plus that of the command whose options it has as well.
_reloop_help() {
	local text=$(reloop help $1 2> /dev/null)
	print -r -- $text
	text=$(sed -n 's/^  and the options of: reloop help //p' <<< $text)
	[[ -z $text ]] || reloop help $text 2> /dev/null
}

# _reloop_list COLUMN: its values for all attached devices, except names printed with escapes and texts that are no names.
_reloop_list() {
	local -a found
	found=(${(f)"$(reloop list --noheadings --columns $1 2> /dev/null | sed '/\\x/d; / (deleted)$/d; /^(its path is too long) *$/d; s/ *$//')"})
	compadd -a found
}

_reloop_columns() {
	local -a columns
	columns=(${(f)"$(reloop help columns 2> /dev/null | sed -nE 's/^ [ *-][A-Z-]+ +([a-z_]+) .*/\1/p')"})
	_values -s , column $columns
}

# _reloop_keys COMMAND: the keys that the help explains, such as "op=".
_reloop_keys() {
	local -a keys
	keys=(${(f)"$(reloop help $1 2> /dev/null | sed -nE 's/^  ([a-z]+=) .*/\1/p')"})
	compadd -S '' -a keys
}

# _reloop_action KIND TEXT: the action of _arguments for an argument that the help calls KIND and explains with TEXT.
_reloop_action() {
	case $1 in
	HOW) REPLY="($(sed -E 's/:.*//; s/, | or / /g' <<< $2))" ;;
	'YES|NO') REPLY='(yes no)' ;;
	NAME,...) REPLY=_reloop_columns ;;
	NAME) REPLY=' '; [[ $words[2] == (attach|run) ]] || REPLY='_reloop_list label' ;;
	PID) REPLY=_pids ;;
	*IMAGE*DEVICE* | *DEVICE*IMAGE*) REPLY='{ _reloop_list device; _reloop_list backing_file; _files }' ;;
	*DEVICE*) REPLY='_reloop_list device' ;;
	*IMAGE* | *FILE*) REPLY=_files ;;
	*COMMAND*) REPLY=_reloop_commands ;;
	DIR*) REPLY='_files -/' ;;
	*) REPLY=' ' ;;
	esac
}

_reloop() {
	local line letter name kind text REPLY
	local -a specs

	if ((CURRENT == 2)); then
		_reloop_commands
		return
	fi
	for line in ${(f)"$(_reloop_help $words[2])"}; do
		[[ $line =~ '^ +((-.), )?(--[a-z-]+)( ([^ ]+))? +(.*)$' ]] || continue
		letter=$match[2] name=$match[3] kind=$match[5] text=${${match[6]//\[/\\[}//\]/\\]}
		text=${text//:/\\:}
		if [[ $kind ]]; then
			_reloop_action $kind $match[6]
			kind=":${${kind%%\[*}//:/ }:$REPLY"
		fi
		[[ $letter ]] && specs+=("($letter $name)$letter""[$text]$kind")
		specs+=("(${letter:+$letter }$name)$name""[$text]$kind")
	done
	line=${${(f)"$(reloop help $words[2] 2> /dev/null)"}[1]#Usage: reloop $words[2]}
	_reloop_action "${${line#*\[OPTION\]...}%% -- *}"
	# The first operand may be one of several words, as in "create|status FILE".
	[[ ! $line =~ '^ \[OPTION\]\.\.\. ([a-z|]+) ' ]] || specs+=("1:what:(${match[1]//|/ })")
	# Or the second one, as in "DEVICE add|list|clear", before operands that the help explains as "KEY=".
	if [[ $line =~ '^ [A-Z|]+ ([a-z|]+) ' ]]; then
		specs+=("1:device:$REPLY" "2:what:(${match[1]//|/ })" "*:rule:_reloop_keys $words[2]")
	elif [[ $line == *' -- COMMAND'* ]]; then
		specs+=("1:image:$REPLY" '*:::command:_normal')
	else
		specs+=("*:argument:$REPLY")
	fi
	shift words
	((CURRENT--))
	_arguments -s -S $specs
}

_reloop "$@"
