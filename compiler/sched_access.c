/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command touches, as nested runs. Exact up to one rule: a dimension whose stride is at most the length so far is merged into the
 * length, so overlapping and adjacent runs become one.
 */
#include "sched.h"

struct loops {
	int dims;
	uint64_t count[ACCESS_DIMS];
	uint64_t stride[ACCESS_DIMS];
};

static void loop(struct loops *l, uint64_t count, uint64_t stride)
{
	int i = l->dims;

	if (count <= 1 || stride == 0)
		return;
	for (; i > 0 && l->stride[i - 1] > stride; i--) {
		l->stride[i] = l->stride[i - 1];
		l->count[i] = l->count[i - 1];
	}
	l->stride[i] = stride;
	l->count[i] = count;
	l->dims++;
}

static void add(struct access *a, int *n, enum space space, bool write, uint64_t base, uint64_t len,
		const struct loops *l)
{
	struct access *x = &a[(*n)++];

	*x = (struct access){.space = space, .write = write, .base = base, .len = len};
	for (int i = 0; i < l->dims; i++) {
		if (l->stride[i] <= x->len) {
			x->len += l->stride[i] * (l->count[i] - 1);
			continue;
		}
		x->count[x->dims] = l->count[i];
		x->stride[x->dims] = l->stride[i];
		x->dims++;
	}
}

static int access_conv(const struct backend *be, const uint32_t *w, struct access *a)
{
	struct quern_cmd_conv c;
	struct loops ifm = {0}, none = {0};
	int n = 0;

	quern_cmd_conv_unpack(&c, w);
	loop(&ifm, c.nx, c.ifm_sx);
	loop(&ifm, c.ny, c.ifm_sy);
	loop(&ifm, c.k0, c.k0_stride);
	loop(&ifm, c.k1, c.k1_stride);
	loop(&ifm, c.k2, c.k2_stride);
	add(a, &n, SPACE_SPM, false, c.ifm_base, be->n, &ifm);
	add(a, &n, SPACE_SPM, false, c.w_base, (uint64_t)c.k0 * c.k1 * c.k2 * be->n * be->n, &none);
	add(a, &n, SPACE_ACC, true, c.acc_base, (uint64_t)c.nx * c.ny, &none);
	return n;
}

static int access_dwconv(const struct backend *be, const uint32_t *w, struct access *a)
{
	struct quern_cmd_dwconv c;
	struct loops ifm = {0}, none = {0};
	int n = 0;
	uint64_t onx, ony;

	quern_cmd_dwconv_unpack(&c, w);
	onx = (uint64_t)(c.in_nx - c.kw) / c.sx + 1;
	ony = (uint64_t)(c.in_ny - c.kh) / c.sy + 1;
	loop(&ifm, c.in_nx, (uint64_t)c.px_v * be->n);
	loop(&ifm, c.in_ny, (uint64_t)c.py_v * be->n);
	add(a, &n, SPACE_SPM, false, c.ifm_base, be->n, &ifm);
	add(a, &n, SPACE_SPM, false, c.w_base, (uint64_t)c.kw * c.kh * be->n, &none);
	add(a, &n, SPACE_ACC, true, c.acc_base, onx * ony, &none);
	return n;
}

static int access_requant(const struct backend *be, const uint32_t *w, struct access *a)
{
	struct quern_cmd_requant c;
	struct loops out = {0}, none = {0};
	int n = 0;

	quern_cmd_requant_unpack(&c, w);
	loop(&out, c.nx, (uint64_t)c.out_sx_v * be->n);
	loop(&out, c.ny, (uint64_t)c.out_sy_v * be->n);
	add(a, &n, SPACE_ACC, false, c.acc_base, (uint64_t)c.nx * c.ny, &none);
	add(a, &n, SPACE_SPM, false, c.param_base, 9ull * be->n, &none);
	add(a, &n, SPACE_SPM, true, c.out_base, be->n, &out);
	return n;
}

static void add_grid(const struct backend *be, struct access *a, int *n, bool write, uint32_t base,
		     const uint16_t size[2], uint16_t sx, uint16_t sy)
{
	struct loops l = {0};

	loop(&l, size[0], (uint64_t)sx * be->n);
	loop(&l, size[1], (uint64_t)sy * be->n);
	add(a, n, SPACE_SPM, write, base, be->n, &l);
}

static int access_eltwise(const struct backend *be, const uint32_t *w, struct access *a)
{
	struct quern_cmd_eltwise c;
	int n = 0;

	quern_cmd_eltwise_unpack(&c, w);
	add_grid(be, a, &n, false, c.a_base, (uint16_t[]){c.nx, c.ny}, c.a_sx_v, c.a_sy_v);
	add_grid(be, a, &n, false, c.b_base, (uint16_t[]){c.nx, c.ny}, c.b_sx_v, c.b_sy_v);
	add_grid(be, a, &n, true, c.out_base, (uint16_t[]){c.nx, c.ny}, c.out_sx_v, c.out_sy_v);
	return n;
}

static int access_pool(const struct backend *be, const uint32_t *w, struct access *a)
{
	struct quern_cmd_pool c;
	struct loops in = {0};
	int n = 0;

	quern_cmd_pool_unpack(&c, w);
	loop(&in, c.nx, (uint64_t)c.in_sx_v * be->n);
	loop(&in, c.ny, (uint64_t)c.in_sy_v * be->n);
	loop(&in, c.kw, (uint64_t)c.kx_v * be->n);
	loop(&in, c.kh, (uint64_t)c.ky_v * be->n);
	add(a, &n, SPACE_SPM, false, c.in_base, be->n, &in);
	add_grid(be, a, &n, true, c.out_base, (uint16_t[]){c.nx, c.ny}, c.out_sx_v, c.out_sy_v);
	return n;
}

static int access_map(const struct backend *be, const uint32_t *w, struct access *a)
{
	struct quern_cmd_map c;
	struct loops none = {0};
	int n = 0;

	quern_cmd_map_unpack(&c, w);
	add_grid(be, a, &n, false, c.in_base, (uint16_t[]){c.nx, c.ny}, c.in_sx_v, c.in_sy_v);
	add_grid(be, a, &n, true, c.out_base, (uint16_t[]){c.nx, c.ny}, c.out_sx_v, c.out_sy_v);
	if (c.op == QUERN_MAP_OP_LUT)
		add(a, &n, SPACE_SPM, false, c.table_base, 256, &none);
	return n;
}

static int access_softmax(const struct backend *be, const uint32_t *w, struct access *a)
{
	struct quern_cmd_softmax c;
	struct loops in = {0}, out = {0}, none = {0};
	uint64_t row;
	int n = 0;

	quern_cmd_softmax_unpack(&c, w);
	row = round_up(c.len, be->n);
	loop(&in, c.rows, (uint64_t)c.in_row_v * be->n);
	loop(&out, c.rows, (uint64_t)c.out_row_v * be->n);
	add(a, &n, SPACE_SPM, false, c.in_base, row, &in);
	add(a, &n, SPACE_SPM, false, c.table_base, 1024, &none);
	add(a, &n, SPACE_SPM, true, c.out_base, row, &out);
	return n;
}

/* A negative stride runs the same bytes from the other end. */
static void host_loop(struct loops *l, uint64_t *base, uint16_t count, int32_t stride)
{
	if (stride < 0)
		*base -= (uint64_t)(count - 1) * (uint64_t) - (int64_t)stride;
	loop(l, count, (uint64_t)(stride < 0 ? -(int64_t)stride : stride));
}

static int access_dma(const uint32_t *w, struct access *a)
{
	uint8_t opcode = w[0] & 0xff;
	struct quern_cmd_load c;
	struct loops spm = {0}, host = {0};
	uint64_t base;
	int n = 0;

	quern_cmd_load_unpack(&c, w);
	loop(&spm, c.n1, c.spm_s1);
	loop(&spm, c.n2, c.spm_s2);
	loop(&spm, c.n3, c.spm_s3);
	add(a, &n, SPACE_SPM, opcode != QUERN_OP_STORE, c.spm_base, c.len, &spm);
	if (opcode == QUERN_OP_FILL)
		return n;
	base = (uint64_t)c.offset_hi << 32 | c.offset_lo;
	host_loop(&host, &base, c.n1, c.host_s1);
	host_loop(&host, &base, c.n2, c.host_s2);
	host_loop(&host, &base, c.n3, c.host_s3);
	add(a, &n, SPACE_HOST, opcode == QUERN_OP_STORE, base, c.len, &host);
	a[n - 1].region = c.region;
	return n;
}

int sched_accesses(const struct backend *be, const uint32_t *w, struct access *a)
{
	switch (w[0] & 0xff) {
	case QUERN_OP_CONV:
		return access_conv(be, w, a);
	case QUERN_OP_DWCONV:
		return access_dwconv(be, w, a);
	case QUERN_OP_REQUANT:
		return access_requant(be, w, a);
	case QUERN_OP_ELTWISE:
		return access_eltwise(be, w, a);
	case QUERN_OP_POOL:
		return access_pool(be, w, a);
	case QUERN_OP_MAP:
		return access_map(be, w, a);
	case QUERN_OP_SOFTMAX:
		return access_softmax(be, w, a);
	default:
		return access_dma(w, a);
	}
}
