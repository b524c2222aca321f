# SPDX-License-Identifier: Apache-2.0
# What suites print, as TAP with a line for each test, numbered through. Everything is copied to the file "raw".
#
# Reads the "@@" lines of guest/suites, and those of suites.sh for the suites on the host. Variables: raw; kernel.

function test(ok, text) {
	n++
	gsub(/#/, "", text)
	printf "%s %d - %s\n", ok ? "ok" : "not ok", n, text
	if (ok) passed++; else { failed++; bad = 1 }
	fflush()
}

function skip(text, why) {
	n++
	skipped++
	printf "ok %d - %s # SKIP %s\n", n, text, why
	fflush()
}

function comment(text) {
	print "# " text
	fflush()
}

function show_output(  i) {
	for (i = kept > 100 ? kept - 100 : 0; i < kept; i++)
		comment("    " line[i])
}

# A line of a suite that is a test's outcome.
function outcome(text,  name) {
	name = text
	if (text ~ /^(not )?ok [0-9]*( |$)/) {
		sub(/^(not )?ok [0-9]* *(- *)?/, "", name)
		if (name ~ /# *[Ss][Kk][Ii][Pp]/) {
			text = name
			sub(/ *# *[Ss][Kk][Ii][Pp].*/, "", name)
			sub(/.*# *[Ss][Kk][Ii][Pp][^ ]* */, "", text)
			skip(suite ": " (name == "" ? text : name), text)
		} else {
			test(text ~ /^ok/, suite ": " name)
		}
	} else if (text ~ /^ok: /) {
		test(1, suite ": " substr(text, 5))
	} else if (text ~ /^FAILED: /) {
		test(0, suite ": " substr(text, 9))
	} else if (text ~ /^skip: /) {
		skip(suite ": " substr(text, 7), "")
	} else {
		return
	}
	outcomes++
}

{
	print >raw
	fflush(raw)
	sub(/\r$/, "")
}
# A suite without an end; a report has ended the machine with a line of its own.
function end_of_machine() {
	if (inside && !(suite == "kmemleak" && reported)) {
		test(0, suite ": the machine died under it")
		show_output()
	}
	inside = 0
}

# A suite's name is its line of the list, from the program on.
function name_of(text) {
	sub(/^@@ [a-z]* /, "", text)
	sub(/^tests\//, "", text)
	sub(/ *$/, "", text)
	return text
}

/^@@ plan / { planned[++plans] = name_of($0); next }
/^@@ begin / {
	end_of_machine()
	suite = name_of($0)
	begun[suite] = 1
	inside = 1
	kept = outcomes = bad = 0
	next
}
/^@@ end / {
	inside = 0
	if ($3 == 77 && !bad)
		outcomes || skip(suite, kept ? line[kept - 1] : "")
	else if ($3 != 0 && !bad)
		test(0, suite ": status " $3)
	else if (!outcomes)
		test($3 == 0, suite)
	if (bad)
		show_output()
	comment(suite ": " $4 " s")
	next
}
/^@@ report / {
	if (!reported++)
		test(0, "the kernel reports nothing (after " suite ")")
	comment(substr($0, 11))
	next
}
/^@@ leaks/ { suite = "kmemleak"; inside = 1; kept = 0; next }
/^@@ done/ { inside = 0; test(1, kernel ": no kernel report in the shared machine"); next }
/^@@ / { next }
{
	line[kept++] = $0
	if (inside)
		outcome($0)
	else
		comment($0)
}
END {
	end_of_machine()
	for (i = 1; i <= plans; i++)
		if (!(planned[i] in begun))
			test(0, planned[i] ": not run")
	print "1.." n
	comment(sprintf("%s: %d passed, %d failed, %d skipped", kernel, passed, failed, skipped))
	close(raw)
	exit failed != 0
}
