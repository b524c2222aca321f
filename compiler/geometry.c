// SPDX-License-Identifier: Apache-2.0
/* Sliding windows: see geometry.h. */
#include "geometry.h"

bool window_resolve(struct window *w, bool same)
{
	int64_t reach = ((int64_t)w->kernel - 1) * w->dilation + 1;
	int64_t in = w->in, stride = w->stride, out, pad;

	if (w->in < 1 || w->kernel < 1 || w->stride < 1 || w->dilation < 1 || reach > INT32_MAX)
		return false;
	out = same ? (in + stride - 1) / stride : (in + stride - reach) / stride;
	if (out < 1 || (!same && in < reach))
		return false;
	pad = (out - 1) * stride + reach - in;
	if (pad < 0)
		pad = 0;
	w->out = (int32_t)out;
	w->before = (int32_t)(pad / 2);
	w->after = (int32_t)(pad - pad / 2);
	return true;
}
