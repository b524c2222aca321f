// SPDX-License-Identifier: Apache-2.0
/* The page: profile.html as it is in the source, with the profile's JSON in its place. It needs nothing else. */
#include <string.h>

#include "profile.h"
#include "profile_page.h"

static const char place[] = "/*PROFILE*/null";

void profile_html(FILE *f, const struct profile *p)
{
	const char *page = (const char *)profile_page;
	const char *at = strstr(page, place);

	fwrite(page, 1, (size_t)(at - page), f);
	profile_json(f, p);
	fputs(at + strlen(place), f);
}
