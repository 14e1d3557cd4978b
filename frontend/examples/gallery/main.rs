//! Renders sample pages into a folder, to be looked at: `gallery [folder]`.

mod portal;
mod sample;

use sample::Variant;
use std::path::PathBuf;
use std::{env, fs, io};
use weir_frontend::model::{Locale, Theme};
use weir_frontend::pages;

fn main() -> io::Result<()> {
    let folder = PathBuf::from(
        env::args()
            .nth(1)
            .unwrap_or_else(|| "target/gallery".to_owned()),
    );
    fs::create_dir_all(&folder)?;
    for (locale, tongue) in [(Locale::EnCa, "en"), (Locale::FrCa, "fr")] {
        for (theme, tone) in [
            (Theme::Light, "light"),
            (Theme::Dark, "dark"),
            (Theme::Contrast, "contrast"),
        ] {
            let save = |name: &str, html: String| {
                fs::write(folder.join(format!("{name}-{tongue}-{tone}.html")), html)
            };
            let page = |variant| sample::page(locale, theme, variant);
            save("embed", pages::dashboard(&page(Variant::Embed)))?;
            save("member", pages::dashboard(&page(Variant::Member)))?;
            save("states", pages::dashboard(&page(Variant::States)))?;
            save("pending", sample::streamed(&page(Variant::Pending)))?;
            save("home", pages::home(&sample::home(locale, theme)))?;
            save("signin", pages::sign_in(&sample::sign_in(locale, theme)))?;
            let choice = sample::sign_in_choice(locale, theme);
            save("signin-choice", pages::sign_in(&choice))?;
            save(
                "signedout",
                pages::signed_out(&sample::signed_out(locale, theme)),
            )?;
            save("problem", pages::problem(&sample::problem(locale, theme)))?;
            save(
                "notice",
                pages::embed_notice(&sample::notice(locale, theme)),
            )?;
            for (name, html) in (portal::Sample { locale, theme }).pages() {
                save(name, html)?;
            }
        }
    }
    Ok(())
}
