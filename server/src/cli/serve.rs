//! `weir serve`.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use weir_server::app::App;
use weir_server::clock::Clock;
use weir_server::config::{Config, TelemetryConfig};
use weir_server::telemetry::log;
use weir_server::telemetry::otlp::Traces;
use weir_server::{demo, serve};

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
        let surroundings = demo::setup::Surroundings::of(&config);
        let stop = stop_on_signal();
        let app = App::build(config, Clock::system())
            .await
            .context("weir did not start")?;
        log::panics(&app.state().telemetry);
        let listener = TcpListener::bind(bind)
            .await
            .with_context(|| format!("can't listen on {bind}"))?;
        if let Some(surroundings) = surroundings {
            surroundings.start(stop.clone()).await?;
        }
        tracing::info!(%public_url, "weir is ready");
        let serving = serve::serve(listener, app.router(), stop.clone());
        tokio::join!(
            serving,
            app.follow_snapshots(stop.clone()),
            app.follow_revisions(stop.clone()),
            app.follow_clients(stop.clone()),
            app.follow_keys(stop.clone()),
            app.keep_crew(stop.clone()),
            app.keep_warm(stop.clone()),
            app.keep_schedule(stop.clone()),
            app.keep_books(stop.clone()),
            app.tell(metrics, stop.clone()),
            app.keep_house(stop)
        );
        app.state()
            .registry
            .close()
            .await
            .context("the registry was not closed cleanly")?;
        app.state().telemetry.close().await;
        if let Some(traces) = traces {
            traces.close().await;
        }
        Ok(Outcome::Fine)
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

/// Cancelled by Ctrl-C or SIGTERM.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        let terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate());
        match terminate {
            Ok(mut terminate) => tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            },
            Err(_) => {
                let _ = tokio::signal::ctrl_c().await;
            }
        }
        told.cancel();
    });
    stop
}
