//! `weir serve`.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weir_server::app::App;
use weir_server::clock::Clock;
use weir_server::config::{Config, TelemetryConfig};
use weir_server::demo;
use weir_server::serve::{self, Door};
use weir_server::telemetry::log;
use weir_server::telemetry::otlp::Traces;

use super::Outcome;

/// Serves dashboards until the process is told to stop.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The configuration file.
    #[arg(long, default_value = "weir.toml")]
    config: PathBuf,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<Outcome> {
        let config = Config::load(&self.config)?;
        let traces = traces(&config.telemetry)?;
        log::to_stderr(traces.as_ref());
        let metrics = metrics(&config.telemetry).await?;
        let (bind, public_url) = (config.http.bind, config.http.public_url.clone());
        let delay = Duration::from_millis(config.http.drain_delay_ms);
        let surroundings = demo::setup::Surroundings::of(&config);
        let told = Told::by_signals();
        let app = App::build(config, Clock::system())
            .await
            .context("weir did not start")?;
        log::panics(&app.state().telemetry);
        let listener = TcpListener::bind(bind)
            .await
            .with_context(|| format!("can't listen on {bind}"))?;
        if let Some(surroundings) = surroundings {
            surroundings.start(told.stop.clone()).await?;
        }
        let mut door = app.door();
        door.most = serve::files::connections(door.most);
        app.join_crew().await;
        tracing::info!(%public_url, "weir is ready");
        Box::pin(run(&app, (listener, metrics, door), (told, delay))).await;
        app.state()
            .registry
            .close()
            .await
            .context("the registry was not closed cleanly")?;
        let told = async {
            if let Some(traces) = traces {
                traces.close().await;
            }
        };
        tokio::join!(app.state().telemetry.close(), told);
        Ok(Outcome::Fine)
    }
}

/// Serves until told to stop. What requests rely on goes on until the last of them is answered.
async fn run(
    app: &App,
    (listener, metrics, door): (TcpListener, Option<TcpListener>, Door),
    (told, delay): (Told, Duration),
) {
    let (closed, over) = (CancellationToken::new(), CancellationToken::new());
    let leaving = async {
        told.leave(&app.state().leaving, delay).await;
        closed.cancel();
    };
    let serving = async {
        serve::serve(listener, door, closed.clone()).await;
        over.cancel();
    };
    tokio::join!(
        leaving,
        serving,
        app.follow_snapshots(over.clone()),
        app.follow_revisions(over.clone()),
        app.follow_clients(over.clone()),
        app.follow_keys(over.clone()),
        app.keep_crew(over.clone()),
        app.keep_warm(over.clone()),
        app.keep_pace(over.clone()),
        app.keep_schedule(over.clone()),
        app.keep_books(over.clone()),
        app.keep_vitals(over.clone()),
        app.tell(metrics, over.clone()),
        app.keep_house(over.clone())
    );
}

/// What the process was told by signals.
#[derive(Debug, Clone, Default)]
struct Told {
    /// To stop.
    stop: CancellationToken,
    /// To stop at once.
    at_once: CancellationToken,
}

impl Told {
    /// Ctrl-C and SIGTERM. Said twice, the process ends there and then.
    fn by_signals() -> Self {
        let told = Self::default();
        let hears = told.clone();
        tokio::spawn(async move {
            if signalled().await == Signal::Interrupt {
                // Somebody sits there and waits; no balancer does.
                hears.at_once.cancel();
            }
            hears.stop.cancel();
            signalled().await;
            tracing::warn!("told to stop twice: requests that run are not finished");
            std::process::exit(1);
        });
        told
    }

    /// Waits until this process should be left, says so, and gives whoever asks time to notice.
    async fn leave(&self, leaving: &CancellationToken, delay: Duration) {
        self.stop.cancelled().await;
        tracing::info!("told to stop: finishing what runs");
        leaving.cancel();
        let delay = tokio::time::sleep(delay);
        self.at_once.run_until_cancelled(delay).await;
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Signal {
    Interrupt,
    Terminate,
}

/// The next signal to stop.
async fn signalled() -> Signal {
    let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
    let terminated = async {
        match terminate {
            Ok(mut terminate) => {
                terminate.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => Signal::Interrupt,
        () = terminated => Signal::Terminate,
    }
}

/// Where traces go, if they go anywhere.
fn traces(config: &TelemetryConfig) -> anyhow::Result<Option<Traces>> {
    let otlp = config.otlp.as_ref().filter(|otlp| otlp.traces);
    Ok(otlp.map(Traces::open).transpose()?)
}

/// Where Prometheus asks, if it may.
async fn metrics(config: &TelemetryConfig) -> anyhow::Result<Option<TcpListener>> {
    let Some(bind) = config.metrics_bind else {
        return Ok(None);
    };
    let listener = TcpListener::bind(bind).await;
    let listener = listener.with_context(|| format!("can't listen on {bind} for metrics"))?;
    Ok(Some(listener))
}
