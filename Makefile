# SPDX-License-Identifier: GPL-2.0-only
# Verbs only. The module is described in Kbuild, the command in tools/Makefile, what goes with them in tools/system/.

KVER	?= $(shell uname -r)
KDIR	?= /lib/modules/$(KVER)/build
DESTDIR	?=
PREFIX	?= /usr/local
DEBS	?= tools/packaging/out

export KERNEL T ALL DEBUG MINUTES DESTDIR PREFIX
# A name, whatever is in it: neither make nor a shell evaluates it.
override export IMAGE := $(value IMAGE)

.PHONY: all module tools demo check check-debug soak check-packages compat-report bench picture shell install uninstall dkms-install dkms-uninstall deb clean

all: module tools

# The module for the running kernel, or for KVER=, or for headers in KDIR=.
module:
	@test -d "$(KDIR)" || { echo "reloop: no kernel headers in $(KDIR); install them (Debian: apt install linux-headers-$(KVER)) or give KDIR=" >&2; exit 1; }
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	$(MAKE) -C tools

# Everything below this line that boots a kernel does so in a virtual machine.
demo:
	tests/lab/demo "$$IMAGE"

# T=group/NNN for some tests only, KERNEL=6.12 for some kernels only, ALL=1 for all tests on all kernels.
check:
	tests/run

# On a kernel with all its checks on, which is compiled once, in 10 to 15 minutes; DEBUG=all for all tests.
check-debug:
	KERNEL=debug tests/run

# What looks for what is rare: power cuts, errors, races; MINUTES=N, 60 by default, and another seed each round.
soak:
	tests/soak

# Builds the Debian packages, checks them and the manuals, installs, upgrades a kernel, boots that, removes: in a root of their own.
check-packages:
	tests/packages

# What the kernel's own driver and this one do, side by side.
compat-report:
	tests/compat-report

# An hour or two, and docs/performance.md is written anew; QUICK=1 for a few minutes and a table.
bench:
	tests/bench/run $(if $(QUICK),--quick)

# Of the rooms of src/; needs dot (Debian: apt install graphviz).
picture:
	tests/lab/lab build 6.12
	tests/lib/arrows "$$(tests/lab/lab cache)/build/6.12/src/src" | awk -f docs/rooms.awk Kbuild - | dot -Tsvg > docs/rooms.svg

shell:
	tests/lab/lab shell $(KERNEL)

# Without kbuild's own depmod, which warns that there is no System.map where there are only headers.
install: module tools
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) cmd_depmod= modules_install
	$(MAKE) -C tools install
	$(MAKE) -C tools/system install
	$(if $(DESTDIR),,depmod $(KVER))

uninstall:
	$(RM) $(DESTDIR)/lib/modules/$(KVER)/updates/reloop.ko* $(DESTDIR)/lib/modules/$(KVER)/extra/reloop.ko*
	$(MAKE) -C tools uninstall
	$(MAKE) -C tools/system uninstall
	$(if $(DESTDIR),,depmod $(KVER))

# The module by DKMS, which builds it for each new kernel; all else as above.
dkms-install: tools
	$(MAKE) -f tools/packaging/Makefile dkms-install
	$(MAKE) -C tools install
	$(MAKE) -C tools/system install

dkms-uninstall:
	$(MAKE) -f tools/packaging/Makefile dkms-uninstall
	$(MAKE) -C tools uninstall
	$(MAKE) -C tools/system uninstall

# Debian packages of both, in DEBS.
deb:
	tools/packaging/make-deb "$(DEBS)"

clean:
	$(MAKE) -C tools clean
	if test -d "$(KDIR)"; then $(MAKE) -C $(KDIR) M=$(CURDIR) clean; fi
