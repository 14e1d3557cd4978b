//! Documents: safe under the strictest policy, complete without script, in both languages.

#![expect(clippy::string_slice, reason = "a test may panic")]

#[path = "../examples/gallery/sample.rs"]
mod sample;

use std::sync::Arc;

use sample::Variant;
use weir_frontend::model::{
    Assets, DrawnParts, FilterBarVm, Locale, PageVm, Realm, Theme, TileSlot,
};
use weir_frontend::pages;
use weir_frontend::text::Text;

const LOCALES: [Locale; 2] = [Locale::EnCa, Locale::FrCa];

/// Every document this crate makes, in both languages.
fn documents() -> Vec<String> {
    let mut all = Vec::new();
    for locale in LOCALES {
        for variant in [Variant::Embed, Variant::Member, Variant::States] {
            all.push(pages::dashboard(&sample::page(
                locale,
                Theme::System,
                variant,
            )));
        }
        all.push(sample::streamed(&sample::page(
            locale,
            Theme::Dark,
            Variant::Pending,
        )));
        all.push(pages::home(&sample::home(locale, Theme::Light)));
        all.push(pages::sign_in(&sample::sign_in(locale, Theme::System)));
        all.push(pages::sign_in(&sample::sign_in_choice(locale, Theme::Dark)));
        all.push(pages::signed_out(&sample::signed_out(
            locale,
            Theme::Contrast,
        )));
        all.push(pages::problem(&sample::problem(locale, Theme::System)));
        all.push(pages::embed_notice(&sample::notice(locale, Theme::System)));
    }
    all
}

/// The opening tags named `name`.
fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!("<{name}");
    html.match_indices(&start)
        .filter_map(|(at, _)| html[at..].split_once('>').map(|(tag, _)| tag))
        .filter(|tag| tag[start.len()..].is_empty() || tag[start.len()..].starts_with(' '))
        .collect()
}

#[test]
fn f68_every_inline_script_and_style_carries_the_nonce() {
    for html in documents() {
        for tag in tags(&html, "script")
            .into_iter()
            .chain(tags(&html, "style"))
        {
            assert!(tag.contains("nonce=\"bm9uY2U\""), "{tag}");
            assert!(!tag.contains("src="), "{tag}");
        }
    }
}

#[test]
fn f68_no_element_has_a_style_attribute_or_an_inline_handler() {
    for html in documents() {
        for tag in html
            .split('<')
            .filter_map(|part| part.split_once('>'))
            .map(|(tag, _)| tag)
        {
            assert!(!tag.contains(" style="), "{tag}");
            assert!(
                !tag.contains(" onclick=") && !tag.contains(" onchange="),
                "{tag}"
            );
            assert!(!tag.contains("javascript:"), "{tag}");
        }
    }
}

#[test]
fn every_document_says_its_language_and_theme() {
    let html = pages::dashboard(&sample::page(Locale::FrCa, Theme::Dark, Variant::Embed));

    assert!(html.starts_with(
        "<!DOCTYPE html><html lang=\"fr-CA\" data-realm=\"embed\" data-theme=\"dark\""
    ));
    for html in documents() {
        assert!(html.ends_with("</body></html>"));
    }
}

#[test]
fn every_tile_says_its_id_and_state() {
    let html = pages::dashboard(&sample::page(Locale::EnCa, Theme::System, Variant::States));

    assert!(html.contains("data-tile=\"withheld\" data-state=\"withheld\""));
    assert!(html.contains("data-tile=\"error\" data-state=\"error\""));
    assert!(html.contains("data-tile=\"empty\" data-state=\"ready\""));
    assert_eq!(
        html.matches("data-tile=\"").count(),
        html.matches("data-state=\"").count()
    );
}

#[test]
fn a_page_without_late_tiles_is_settled_and_has_no_template() {
    let html = pages::dashboard(&sample::page(Locale::EnCa, Theme::System, Variant::Embed));

    assert!(html.contains("data-weir=\"settled\""));
    assert!(!html.contains("<template"));
}

#[test]
fn a_late_tile_takes_the_slot_of_its_skeleton_without_script() {
    let page = sample::page(Locale::EnCa, Theme::System, Variant::Pending);
    let shell = pages::head_and_shell(&page);
    let pending: Vec<_> = page
        .tiles
        .iter()
        .filter(|slot| matches!(slot, TileSlot::Pending(_)))
        .collect();

    assert!(!shell.contains("data-weir=\"settled\""));
    assert!(shell.contains("<template shadowrootmode=\"open\"><style nonce="));
    assert_eq!(
        shell.matches("data-state=\"pending\"").count(),
        pending.len()
    );
    for slot in &page.tiles {
        let id = &slot.frame().id;
        assert!(
            shell.contains(&format!("<slot name=\"tile-{id}\">")),
            "{id}"
        );
    }
    for late in sample::tiles(Locale::EnCa) {
        let html = pages::tile(&late, Locale::EnCa);
        assert!(
            html.starts_with("<section"),
            "one element, nothing before it"
        );
        assert!(html.ends_with("</section>"));
        assert!(html.contains(&format!("slot=\"tile-{}\"", late.frame.id)));
    }
    let tail = pages::tail(&page.tail());
    assert!(tail.contains("dataset.weir=\"settled\""));
}

#[test]
fn parts_that_were_drawn_before_make_the_same_document() {
    let variants = [
        Variant::Embed,
        Variant::Member,
        Variant::States,
        Variant::Pending,
    ];
    for (locale, variant) in LOCALES.into_iter().flat_map(|l| variants.map(|v| (l, v))) {
        let page = sample::page(locale, Theme::System, variant);
        let bar: Arc<str> = pages::filter_bar(&page).into();
        let names = page.filters.iter().map(|filter| filter.name.clone());
        let drawn = DrawnParts {
            heading: Some(pages::heading(&page).into()),
            filter_bar: Some((Arc::clone(&bar), names.collect())),
        };
        let slot = |slot: &TileSlot| match slot {
            TileSlot::Ready(tile) => {
                TileSlot::Drawn(tile.frame.clone(), pages::tile(tile, locale).into())
            }
            other => other.clone(),
        };
        let again = PageVm {
            filters: Vec::new(),
            tiles: page.tiles.iter().map(slot).collect(),
            ..page.clone()
        };

        let html = pages::head_and_shell_with(&again, &drawn);

        assert_eq!(html, pages::head_and_shell(&page));
        if let Realm::Embed(launch) = &page.realm {
            assert!(!bar.contains(&launch.token), "a part is not of one launch");
        }
    }
}

#[test]
fn skeleton_and_tile_have_the_same_box() {
    let page = sample::page(Locale::EnCa, Theme::System, Variant::Pending);
    let shell = pages::head_and_shell(&page);
    let class = |html: &str, id: &str| {
        let tag = html
            .split('<')
            .find(|tag| tag.contains(&format!("data-tile=\"{id}\"")))
            .unwrap();
        tag.split("class=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .to_owned()
    };

    for tile in sample::tiles(Locale::EnCa) {
        let id = &tile.frame.id;
        assert_eq!(
            class(&shell, id),
            class(&pages::tile(&tile, Locale::EnCa), id)
        );
    }
}

#[test]
fn the_numbers_stand_in_the_html_before_any_script_runs() {
    let html = pages::dashboard(&sample::page(Locale::EnCa, Theme::System, Variant::Embed));

    for number in [
        "$13.7M",
        "56.4%",
        "$3,310,000.00",
        "158,425",
        "34.0%",
        "October 2026",
    ] {
        assert!(html.contains(number), "{number}");
    }
}

#[test]
fn the_filter_form_works_without_script_in_both_realms() {
    let embed = pages::dashboard(&sample::page(Locale::EnCa, Theme::System, Variant::Embed));
    let member = pages::dashboard(&sample::page(Locale::EnCa, Theme::System, Variant::Member));

    assert!(embed.contains("method=\"post\" action=\"/embed/finance-overview\""));
    assert!(embed.contains("type=\"hidden\" name=\"token\" value=\"eyJ"));
    assert!(member.contains("method=\"get\" action=\"/d/finance-overview\""));
    assert!(!member.contains("name=\"token\""));
    for html in [embed, member] {
        assert!(html.contains("<option value=\"2025-11-01..2026-10-31\" selected"));
        assert!(html.contains("name=\"region\" value=\"montreal\" checked"));
        assert!(html.contains("<button type=\"submit\" class=\"btn apply\">Apply"));
    }
}

#[test]
fn invariant_7_no_secret_stands_in_the_islands_properties() {
    let html = pages::dashboard(&sample::page(Locale::EnCa, Theme::System, Variant::Embed));
    let island = tags(&html, "leptos-island").pop().unwrap();

    assert!(island.contains("data-component=\"FilterBar_"));
    assert!(!island.contains("eyJ"));
}

#[test]
fn f69_hostile_launch_facts_cannot_leave_their_script_element() {
    let mut page = sample::page(Locale::EnCa, Theme::System, Variant::Embed);
    if let Realm::Embed(launch) = &mut page.realm {
        launch.host_origin = "</script><script>alert(1)</script>".to_owned();
        launch.token = "\"><img src=x onerror=alert(1)>".to_owned();
    }
    page.title = "</title><script>alert(1)</script>".to_owned();
    page.nonce = "\"><script>".to_owned();
    page.assets = Some(Assets {
        app_js: "</script>".to_owned(),
        app_wasm: "<!--".to_owned(),
        frame_script: "start();".into(),
    });
    let html = pages::dashboard(&page);

    assert!(!html.contains("<script>"));
    assert!(!html.contains("<img"));
    assert!(!html.contains("<!--<"));
    assert_eq!(
        html.matches("</script>").count(),
        tags(&html, "script").len()
    );
}

#[test]
fn the_launch_does_not_show_its_token_when_debugged() {
    let page = sample::page(Locale::EnCa, Theme::System, Variant::Embed);

    assert!(!format!("{page:?}").contains("eyJ"));
}

#[test]
fn the_frames_script_comes_after_everything_that_is_shown_and_in_frames_only() {
    let assets = Assets {
        app_js: "/assets/a.js".to_owned(),
        app_wasm: "/assets/a.wasm".to_owned(),
        frame_script: "start();".into(),
    };
    let html = |variant| {
        let mut page = sample::page(Locale::EnCa, Theme::System, variant);
        page.assets = Some(assets.clone());
        pages::dashboard(&page)
    };
    let (embed, member) = (html(Variant::Embed), html(Variant::Member));

    let (shown, script) = embed.rsplit_once("<script nonce=\"bm9uY2U\">").unwrap();
    assert!(shown.contains("</main></div>"));
    let (before, after) = script.split_once("\nstart();\n").unwrap();
    // The host page greets once: whoever waits for the paint listens meanwhile.
    let (listens, waits) = (before.find("addEventListener"), before.find("afterPaint"));
    assert!(listens.is_some() && listens < waits, "{before}");
    assert!(after.ends_with("</script></body></html>"), "{after}");
    assert!(embed.contains("\"filters\":[\"period\",\"region\""));
    assert!(!member.contains("start();") && !member.contains("weir-frame"));
}

#[test]
fn a_notice_in_a_frame_says_its_code_and_what_leads_on() {
    let html = pages::embed_notice(&sample::notice(Locale::FrCa, Theme::System));

    assert!(html.contains("data-code=\"access-revoked\" data-next=\"button\""));
    let button = "<button type=\"button\" hidden class=\"btn\">Réessayer</button>";
    assert!(html.contains(button), "{html}");
}

#[test]
fn every_text_exists_in_both_languages() {
    for text in Text::ALL {
        let (english, french) = (text.of(Locale::EnCa), text.of(Locale::FrCa));
        assert!(!english.is_empty() && !french.is_empty());
        for sign in [" ;", " ?", " :", " %", " !"] {
            assert!(
                !french.contains(sign),
                "{text:?}: a no-break space belongs before `{sign}`"
            );
        }
        assert!(!english.contains('!') && !french.contains('!'), "{text:?}");
        assert!(!french.contains('\''), "{text:?}: a curly apostrophe");
    }
}

#[test]
fn a_french_page_says_nothing_of_its_own_in_english() {
    for variant in [Variant::Embed, Variant::Member, Variant::States] {
        let html = pages::dashboard(&sample::page(Locale::FrCa, Theme::System, variant));
        let shown = html.split("</script>").last().unwrap();
        for text in Text::ALL {
            let (english, french) = (text.of(Locale::EnCa), text.of(Locale::FrCa));
            // Some words are the same, some stand inside other words.
            if english.len() > 8 && english != french {
                assert!(!shown.contains(&format!(">{english}<")), "{english}");
            }
        }
    }
}

#[test]
fn the_islands_properties_survive_a_round_trip() {
    let page = sample::page(Locale::FrCa, Theme::System, Variant::Embed);
    let bar = FilterBarVm {
        locale: Locale::FrCa,
        realm: weir_frontend::model::RefreshRealm::Embed,
        tiles_url: "/embed/finance-overview/tiles".to_owned(),
        filters: page.filters,
    };

    let json = serde_json::to_string(&bar).unwrap();

    assert_eq!(serde_json::from_str::<FilterBarVm>(&json).unwrap(), bar);
}

#[test]
fn a_dashboards_html_stays_small() {
    let html = pages::dashboard(&sample::page(Locale::EnCa, Theme::System, Variant::Embed));

    for tile in sample::tiles(Locale::EnCa) {
        let size = pages::tile(&tile, Locale::EnCa).len();
        assert!(size < 24 * 1024, "{}: {size} bytes", tile.frame.id);
    }
    assert!(html.len() < 128 * 1024, "{} bytes", html.len());
}
