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

# _reloop_free: the devices to which nothing is attached.
_reloop_free() {
	local disk
	local -a free
	for disk in /sys/block/*/reloop(N:h); do
		[[ -e $disk/loop/backing_file ]] || free+=(/dev/${disk:t})
	done
	compadd -a free
}

_reloop_columns() {
	local -a columns
	columns=(${(f)"$(reloop help columns 2> /dev/null | sed -nE 's/^ [ *-][A-Z-]+ +([a-z_]+) .*/\1/p')"})
	_values -s , column $columns
}

# _reloop_keys COMMAND: the keys that the help explains, such as "op=" or, behind a key, the words that it names.
_reloop_keys() {
	local -a keys
	if compset -P '*='; then
		keys=(${(f)"$(reloop help $1 2> /dev/null |
			sed -nE "s/^  $IPREFIX +([a-z]+(, [a-z]+)+( or [a-z]+)?)( and so on)?: .*/\1/p" | sed -E 's/, | or /\n/g')"})
		compset -P '*,'
		compadd -a keys
		return
	fi
	keys=(${(f)"$(reloop help $1 2> /dev/null | sed -nE 's/^  ([a-z]+=) .*/\1/p')"})
	compadd -S '' -a keys
}

# _reloop_action KIND TEXT NAME: the action of _arguments for an argument that the help calls KIND and explains with TEXT; of
# the option NAME, if it is one's. With a blank before it, a function gets its own arguments and no others.
_reloop_action() {
	case $1 in
	HOW) REPLY="($(sed -E 's/:.*//; s/, | or / /g' <<< $2))" ;;
	'YES|NO') REPLY='(yes no)' ;;
	NAME,...) REPLY=_reloop_columns ;;
	SIZE) REPLY=' '; [[ $3 != --sector-size ]] || REPLY="(${${(M)2:#*auto:*}:+auto} 512 1024 2048 4096)" ;;
	# What is before files; a colon would end the action.
	*HOW:FILE)
		REPLY="{ compadd ${(M)${(s:|:)1}:#[a-z]##}; compadd -S '' $(sed -E 's/.*HOW: //; s/, | or |$/\\: /g' <<< $2); _files }"
		;;
	DEVICE) REPLY=_reloop_free ;;
	NAME) REPLY=' '; [[ $words[2] == (attach|run|mount) ]] || REPLY=' _reloop_list label' ;;
	PID) REPLY=_pids ;;
	*IMAGE*DEVICE* | *DEVICE*IMAGE*) REPLY='{ _reloop_list device; _reloop_list backing_file; _files }' ;;
	*DEVICE*) REPLY=' _reloop_list device' ;;
	*'|IMAGE'*) REPLY='{ _reloop_list backing_file; _files }' ;;
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
			_reloop_action $kind $match[6] $name
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
		specs+=("1:device:$REPLY" "2:what:(${match[1]//|/ })" "*:rule: _reloop_keys $words[2]")
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
