# SPDX-License-Identifier: GPL-2.0-only
#
# Reads the kernel log and prints the lines since the last test began that ordinary use should never
# cause. A line that matches a regular expression in the file EXPECTED is allowed.

function is_trouble(line)
{
	return line ~ /WARNING:|BUG:|BUG |Oops|general protection|kernel NULL pointer|Unable to handle/ ||
	       line ~ /possible (circular|recursive|irq)|inconsistent lock state|lockdep|bad unlock balance/ ||
	       line ~ /sleeping function called|scheduling while atomic|refcount_t|list_(add|del) corruption/ ||
	       line ~ /KASAN|UBSAN|kmemleak|hung task|blocked for more than|rcu: INFO|soft lockup/ ||
	       line ~ /I\/O error|operation not supported error|critical .* error|page allocation failure/ ||
	       line ~ /ODEBUG|DEBUG_LOCKS|MAX_LOCK|suspicious RCU|Voluntary context switch|cut here|lockup/ ||
	       line ~ /sysfs: cannot create duplicate|kobject_add|Call Trace|Kernel panic/
}

# Function names in a trace may look like trouble; what caused the trace has a line of its own.
function is_frame(line)
{
	return line ~ /^\[ *[0-9.]+\] +(\? )?[^ ]+\+0x[0-9a-f]+\/0x[0-9a-f]+( \[[^ ]+\])?$/
}

function is_expected(line,    i)
{
	for (i = 0; i < expected_count; i++)
		if (line ~ expected[i])
			return 1
	return 0
}

BEGIN {
	while ((getline pattern < EXPECTED) > 0)
		expected[expected_count++] = pattern
}

/reloop-test: begin / { trouble_count = 0; next }
is_trouble($0) && !is_frame($0) && !is_expected($0) { trouble[trouble_count++] = $0 }

END {
	for (i = 0; i < trouble_count; i++)
		print trouble[i]
}
