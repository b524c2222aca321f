# SPDX-License-Identifier: Apache-2.0
# A thin front: every target sets up what it needs. `make help` lists them.
BUILD ?= build
QUERN_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/quern
QUERN_MODELS ?= $(abspath ../shared/models)
export QUERN_CACHE QUERN_MODELS
export CCACHE_DIR := $(QUERN_CACHE)/ccache
# Compilers through ccache, also where Verilator calls them.
export PATH := /usr/lib/ccache:$(PATH)
JOBS ?= $(shell nproc)

.PHONY: driver-lint help setup setup-build setup-judge setup-kernel build demo demo-vm vm vm-run check check-kasan check-compat bench synth docs install clean

help:
	@echo 'make demo     compile and run a real network on the simulated chip'
	@echo 'make demo-vm  the same through a real Linux kernel in QEMU, our driver, and the chip as its PCI device'
	@echo 'make check    every test; QUERN_VM=skip leaves out those in a virtual machine'
	@echo 'make check-kasan   the driver on a debug kernel (KASAN, lockdep, fault injection, KUnit ...), which is built once'
	@echo 'make check-compat  the driver on the newest kernel that Debian has'
	@echo 'make driver-lint   checkpatch, kernel-doc, sparse and gcc W=1 over the driver; part of make check'
	@echo 'make vm       a shell on a stock Linux kernel with the chip (RTL) as its PCI device; vm-run CMD=... runs one command'
	@echo 'make bench    cycles and simulation speed of the benchmark models; BENCH=--help lists options'
	@echo 'make synth    yosys cell counts of each block'
	@echo 'make build    all programs, into $(BUILD)/bin'
	@echo 'make docs     check the documentation'
	@echo 'make install  install under DESTDIR and the prefix meson was given'

setup-build:
	@scripts/setup.sh build
setup-judge: setup-build
	@scripts/setup.sh judge
setup-kernel: setup-build
	@scripts/setup.sh kernel
setup: setup-judge setup-kernel

$(BUILD)/build.ninja: | setup-build
	@meson setup $(BUILD) >$(BUILD)-setup.log 2>&1 || { tail -n 20 $(BUILD)-setup.log; exit 1; }
	@rm -f $(BUILD)-setup.log

build: setup-build $(BUILD)/build.ninja
	@scripts/progress.sh 'building' ninja -C $(BUILD) -j $(JOBS)

# What a first run needs, and no more: the tools, the firmware, the 16x16 chip.
DEMO_TARGETS = compiler/quernc.linked compiler/quern-objdump.linked runtime/tools/accel-run.linked demo/demo-digits.linked \
	firmware/quern-fw.bin hw-model/sim/quern-rtl-16x16.stamp

demo: setup-build $(BUILD)/build.ninja
	@scripts/progress.sh 'building the compiler, the runtime and the chip' ninja -C $(BUILD) -j $(JOBS) $(DEMO_TARGETS)
	@scripts/demo.sh $(BUILD)

# The machine takes the demo's programs along, and fetches its kernel, and QEMU if the host has none that can do it.
vm vm-run demo-vm: export VM_CMD = $(value CMD)
vm vm-run demo-vm: setup-build $(BUILD)/build.ninja
	@scripts/progress.sh 'building the chip, its server and programs' ninja -C $(BUILD) -j $(JOBS) $(DEMO_TARGETS) \
		hw-model/cosim/quern-cosim.linked >&2
	@$(if $(filter demo-vm,$@),scripts/demo-vm.sh $(BUILD),tests/vm/vm.sh $(BUILD) $(if $(filter vm-run,$@),"$$VM_CMD"))

check: build setup-judge
	@scripts/check.sh $(BUILD)

check-kasan: build setup-kernel
	@scripts/check-vm.sh $(BUILD) kasan

check-compat: build
	@scripts/check-vm.sh $(BUILD) compat

driver-lint: setup-build $(BUILD)/build.ninja
	@scripts/driver-lint.sh $(BUILD)

bench: build
	@scripts/bench.sh $(BUILD) $(BENCH)

synth: setup-build
	@python3 hw-model/rtl/synth.py --out docs/area.md

docs: setup-build
	@python3 scripts/check_docs.py

install: build
	@meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf $(BUILD)
