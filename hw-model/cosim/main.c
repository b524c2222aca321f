// SPDX-License-Identifier: Apache-2.0
/*
 * quern-cosim: the chip's RTL as a PCI device for QEMU, over vfio-user.
 *
 * Listens on a Unix socket and serves one client after the other until it is told to stop. SIGINT and SIGTERM end it and
 * complete a trace.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "chip.h"
#include "serve.h"

struct options {
	const char *socket;
	bool once;
	bool faults;
	struct cosim_chip_options chip;
};

static volatile sig_atomic_t stop;

static const char usage[] =
	"usage: quern-cosim --socket PATH [--config NxN] [--once] [--faults] [--seed N] [--trace F.fst[,FROM,TO]]\n"
	"The chip's RTL as a PCI device for QEMU's vfio-user-pci, which connects to PATH.\n"
	"  --socket PATH   Unix socket to listen on; a stale one is replaced\n"
	"  --config NxN    which build of the chip: 8x8, 16x16 (default) or 32x32\n"
	"  --once          end after the first client\n"
	"  --faults        let the guest make the chip misbehave, through a capability of its configuration space\n"
	"  --seed N        vary the latency of the chip's bus at random, drawn from N\n"
	"  --trace F.fst   waveforms of cycles FROM to TO - 1 (all without them) into F.fst\n";

static void on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

/* Signals are let through only while waiting, so that none is missed between a look at stop and the wait. */
static void catch_signals(void)
{
	const struct sigaction action = {.sa_handler = on_signal};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static bool parse_number(const char *text, char **end, uint64_t *value)
{
	errno = 0;
	*value = strtoull(text, end, 0);
	return *end != text && text[0] != '-' && !errno;
}

static bool parse_config(const char *text, uint32_t *array)
{
	static const struct {
		const char *name;
		uint32_t array;
	} configs[] = {{"8x8", 8}, {"16x16", 16}, {"32x32", 32}};
	size_t i;

	for (i = 0; i < sizeof(configs) / sizeof(configs[0]); i++)
		if (!strcmp(text, configs[i].name)) {
			*array = configs[i].array;
			return true;
		}
	return false;
}

/* FILE or FILE,FROM,TO. Cuts the text. */
static bool parse_trace(char *text, struct cosim_chip_options *chip)
{
	char *comma = strchr(text, ',');
	char *end;

	chip->trace = text;
	chip->trace_to = UINT64_MAX;
	if (!comma)
		return text[0] != '\0';
	*comma = '\0';
	if (!text[0] || !parse_number(comma + 1, &end, &chip->trace_from) || *end != ',')
		return false;
	return parse_number(end + 1, &end, &chip->trace_to) && !*end && chip->trace_to > chip->trace_from;
}

static bool parse_option(int option, struct options *options)
{
	char *end;

	switch (option) {
	case 's':
		options->socket = optarg;
		return true;
	case 'c':
		return parse_config(optarg, &options->chip.array);
	case 'o':
		options->once = true;
		return true;
	case 'f':
		options->faults = true;
		return true;
	case 'r':
		options->chip.jitter = true;
		return parse_number(optarg, &end, &options->chip.seed) && !*end;
	case 't':
		return parse_trace(optarg, &options->chip);
	case 'h':
		fputs(usage, stdout);
		exit(0);
	default:
		return false;
	}
}

static bool parse_options(int argc, char **argv, struct options *options)
{
	static const struct option names[] = {
		{"socket", required_argument, NULL, 's'},
		{"config", required_argument, NULL, 'c'},
		{"once", no_argument, NULL, 'o'},
		{"faults", no_argument, NULL, 'f'},
		{"seed", required_argument, NULL, 'r'},
		{"trace", required_argument, NULL, 't'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) >= 0)
		if (!parse_option(option, options))
			return false;
	return options->socket && optind == argc;
}

/* A listening socket or a negative errno value. A socket that nobody listens on any more is in the way and removed. */
static int listen_on(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, ret;

	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	memcpy(addr.sun_path, path, strlen(path));
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr))) {
		ret = -EADDRINUSE;
		goto err_close;
	}
	if (errno == ECONNREFUSED)
		unlink(path);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(fd, 1)) {
		ret = -errno;
		goto err_close;
	}
	return fd;

err_close:
	close(fd);
	return ret;
}

/* The next client's socket, or -1 when it is time to stop. */
static int next_client(int listener)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	sigset_t none;
	int fd = -1;

	sigemptyset(&none);
	while (!stop && fd < 0)
		if (ppoll(&p, 1, NULL, &none) == 1)
			fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return fd;
}

static int serve_client(const struct quern_sim_api *api, struct quern_sim *sim, int fd, bool faults)
{
	static struct cosim_device dev;
	int ret = cosim_device_init(&dev, api, sim, fd, faults);

	if (ret)
		return ret;
	ret = cosim_serve(&dev, &stop);
	cosim_device_finish(&dev);
	return ret;
}

static int serve_clients(const struct options *options, const struct quern_sim_api *api, struct quern_sim *sim,
			 int listener)
{
	int ret = 0;
	int fd;

	do {
		fd = next_client(listener);
		if (fd < 0)
			break;
		ret = serve_client(api, sim, fd, options->faults);
		if (ret)
			fprintf(stderr, "quern-cosim: the connection ended: %s\n", strerror(-ret));
		else
			fprintf(stderr, "quern-cosim: the client has left after %llu cycles\n",
				(unsigned long long)api->cycles(sim));
	} while (!options->once && !stop);
	return ret;
}

int main(int argc, char **argv)
{
	struct options options = {.chip.array = 16};
	struct quern_sim_api api;
	struct quern_sim *sim;
	int listener, ret;

	if (!parse_options(argc, argv, &options)) {
		fputs(usage, stderr);
		return 2;
	}
	catch_signals();
	if (cosim_dma_guard() || !cosim_chip_open(&options.chip, &api, &sim))
		return 1;
	listener = listen_on(options.socket);
	if (listener < 0) {
		fprintf(stderr, "quern-cosim: cannot listen on %s: %s\n", options.socket, strerror(-listener));
		cosim_chip_close(&api, sim);
		return 1;
	}
	fprintf(stderr, "quern-cosim: listening on %s\n", options.socket);
	ret = serve_clients(&options, &api, sim, listener);
	close(listener);
	unlink(options.socket);
	cosim_chip_close(&api, sim);
	return ret ? 1 : 0;
}
