#include "CInspector.h"

// #embed is new in C23; clang accepts it in older modes, with a warning.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char index_html[] = {
#embed "page/index.html"
};
static const unsigned char tokens_css[] = {
#embed "page/tokens.css"
};
static const unsigned char layout_css[] = {
#embed "page/layout.css"
};
static const unsigned char detail_css[] = {
#embed "page/detail.css"
};
static const unsigned char main_js[] = {
#embed "page/main.js"
};
static const unsigned char dom_js[] = {
#embed "page/dom.js"
};
static const unsigned char format_js[] = {
#embed "page/format.js"
};
static const unsigned char words_js[] = {
#embed "page/words.js"
};
static const unsigned char api_js[] = {
#embed "page/api.js"
};
static const unsigned char list_js[] = {
#embed "page/list.js"
};
static const unsigned char overview_js[] = {
#embed "page/overview.js"
};
static const unsigned char session_js[] = {
#embed "page/session.js"
};
static const unsigned char story_js[] = {
#embed "page/story.js"
};
static const unsigned char timeline_js[] = {
#embed "page/timeline.js"
};
static const unsigned char lanes_js[] = {
#embed "page/lanes.js"
};
static const unsigned char sound_js[] = {
#embed "page/sound.js"
};
static const unsigned char usage_js[] = {
#embed "page/usage.js"
};

static const struct turnkeeper_asset assets[] = {
    {"index.html", index_html, sizeof index_html},
    {"tokens.css", tokens_css, sizeof tokens_css},
    {"layout.css", layout_css, sizeof layout_css},
    {"detail.css", detail_css, sizeof detail_css},
    {"main.js", main_js, sizeof main_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"format.js", format_js, sizeof format_js},
    {"words.js", words_js, sizeof words_js},
    {"api.js", api_js, sizeof api_js},
    {"list.js", list_js, sizeof list_js},
    {"overview.js", overview_js, sizeof overview_js},
    {"session.js", session_js, sizeof session_js},
    {"story.js", story_js, sizeof story_js},
    {"timeline.js", timeline_js, sizeof timeline_js},
    {"lanes.js", lanes_js, sizeof lanes_js},
    {"sound.js", sound_js, sizeof sound_js},
    {"usage.js", usage_js, sizeof usage_js},
};

const struct turnkeeper_asset *turnkeeper_inspector(size_t index) {
    return index < sizeof assets / sizeof *assets ? &assets[index] : NULL;
}
