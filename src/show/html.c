/* SPDX-License-Identifier: Apache-2.0
 *
 * html: style sheet, page frame, bar chart.
 */
#include "show/html.h"

#include "base/print.h"
#include "base/sha256.h"

enum { CHART_WIDTH = 720, CHART_HEIGHT = 160, CHART_FOOT = 24, CHART_LEFT = 44, LABELS_MAX = 6 };

static const char style[] =
	":root{color-scheme:light dark;--ink:#1c1c22;--paper:#fff;--soft:#f1f1f4;--line:#c9c9d1;--quiet:#55555f;"
	"--bar:#5b7fb5;--mark:#b3261e}"
	"@media(prefers-color-scheme:dark){:root{--ink:#ececf1;--paper:#16161a;--soft:#222228;--line:#45454f;"
	"--quiet:#b4b4bf;--bar:#7ea3dc;--mark:#ff8a80}}"
	"*{box-sizing:border-box}"
	"body{margin:0 auto;max-width:60rem;padding:1.5rem;font:16px/1.5 system-ui,sans-serif;color:var(--ink);"
	"background:var(--paper)}"
	"h1{font-size:1.4rem;line-height:1.3;margin:0 0 .5rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}h3{font-size:1rem;"
	"margin:1rem 0 .25rem}"
	"p,ul{margin:.4rem 0}ul{padding-left:1.25rem}"
	".lead{font-size:1.1rem}.state{font-size:.85rem;font-weight:400;border:1px solid;border-radius:1rem;padding:.05rem .6rem;"
	"white-space:nowrap}.state:not(.bad){color:var(--quiet)}"
	"section{border-top:1px solid var(--line);margin-top:1.5rem}section h2{margin-top:1rem}"
	".beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));column-gap:2rem}.beside>div{min-width:0}"
	".bad{color:var(--mark);font-weight:600}.quiet{color:var(--quiet)}"
	"code,pre,.mono{font:13px/1.45 ui-monospace,monospace;overflow-wrap:anywhere}"
	"pre{background:var(--soft);padding:.6rem;white-space:pre-wrap;margin:.3rem 0}"
	".wide{overflow-x:auto}.wide:focus-visible{outline:2px solid var(--bar)}"
	"table{border-collapse:collapse;width:100%;font-size:.9rem}"
	"th,td{text-align:left;padding:.25rem .6rem .25rem 0;border-bottom:1px solid var(--line);vertical-align:top}"
	"td{overflow-wrap:anywhere}th.n,td.n{text-align:right;padding-right:1.2rem;font-variant-numeric:tabular-nums}"
	"svg{width:100%;height:auto}.bar{fill:var(--bar)}.mark{fill:var(--mark)}.axis{stroke:var(--line)}"
	".label{fill:var(--quiet);font:11px system-ui,sans-serif}"
	"@media print{body{max-width:none;padding:0}section{break-inside:avoid-page}.wide{overflow:visible}}";

static void add_base64(struct buf *out, const unsigned char *bytes, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < len; i += 3) {
		uint32_t word = (uint32_t)bytes[i] << 16;
		word |= i + 1 < len ? (uint32_t)bytes[i + 1] << 8 : 0;
		word |= i + 2 < len ? bytes[i + 2] : 0;
		buf_char(out, digits[word >> 18]);
		buf_char(out, digits[word >> 12 & 63]);
		buf_char(out, i + 1 < len ? digits[word >> 6 & 63] : '=');
		buf_char(out, i + 2 < len ? digits[word & 63] : '=');
	}
}

void html_begin(struct buf *out, str title)
{
	unsigned char hash[32];
	struct sha256 sha;
	sha256_init(&sha);
	sha256_add(&sha, str_from(style));
	sha256_done(&sha, hash);
	buf_add(out, STR("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			 "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-"));
	add_base64(out, hash, sizeof(hash));
	buf_add(out, STR("'; base-uri 'none'; form-action 'none'\">\n"
			 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
			 "<meta name=\"referrer\" content=\"no-referrer\">\n<title>"));
	print_html(out, title);
	buf_printf(out, "</title>\n<style>%s</style>\n</head>\n<body>\n<main>\n<h1>", style);
	print_html(out, title);
	buf_add(out, STR("</h1>\n"));
}

void html_end(struct buf *out)
{
	buf_add(out, STR("</main>\n</body>\n</html>\n"));
}

void html_section(struct buf *out, const char *heading)
{
	buf_printf(out, "<section>\n<h2>%s</h2>\n", heading);
}

void html_section_end(struct buf *out)
{
	buf_add(out, STR("</section>\n"));
}

static void chart_bar(struct buf *out, const struct html_bar *bar, double x, double width, long long most)
{
	double height = (double)bar->value * CHART_HEIGHT / (double)most;
	if (bar->value <= 0)
		return;
	buf_printf(out, "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
		   bar->marked ? "mark" : "bar", x, CHART_HEIGHT - height, width > 1.5 ? width - 0.5 : width, height);
	print_html(out, bar->label);
	buf_printf(out, ": %lld</title></rect>\n", bar->value);
}

void html_chart(struct buf *out, const char *id, str title, const struct html_bar *bars, size_t count)
{
	long long most = 1;
	for (size_t i = 0; i < count; i++)
		if (bars[i].value > most)
			most = bars[i].value;
	double width = (double)(CHART_WIDTH - CHART_LEFT) / (double)(count ? count : 1);
	buf_printf(out, "<svg viewBox=\"0 -8 %d %d\" role=\"img\" aria-labelledby=\"%s\"><title id=\"%s\">", CHART_WIDTH,
		   CHART_HEIGHT + CHART_FOOT + 8, id, id);
	print_html(out, title);
	buf_printf(out, "</title>\n<line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n"
		   "<text class=\"label\" x=\"%d\" y=\"4\" text-anchor=\"end\">%lld</text>\n"
		   "<text class=\"label\" x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n", CHART_LEFT, CHART_HEIGHT,
		   CHART_WIDTH, CHART_HEIGHT, CHART_LEFT - 6, most, CHART_LEFT - 6, CHART_HEIGHT);
	for (size_t i = 0; i < count; i++)
		chart_bar(out, &bars[i], CHART_LEFT + (double)i * width, width, most);
	size_t step = (count + LABELS_MAX - 1) / LABELS_MAX;
	for (size_t i = 0; i < count; i += step) {
		buf_printf(out, "<text class=\"label\" x=\"%.1f\" y=\"%d\">", CHART_LEFT + (double)i * width,
			   CHART_HEIGHT + 16);
		print_html(out, bars[i].label);
		buf_add(out, STR("</text>\n"));
	}
	buf_add(out, STR("</svg>\n"));
}
