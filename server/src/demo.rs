//! The surroundings of `cargo xtask demo`: an identity provider and a host page, for this machine only.
//!
//! Weir never stands alone. People sign in somewhere, and another product shows the dashboards. This
//! module has both, small but real: [`idp`] speaks `OpenID` Connect with signed ID tokens and PKCE,
//! [`crm`] is a customer page that fetches embed tokens with its own credential and places
//! `<weir-dashboard>`. Nobody types a password here, so nothing of it may be reached from outside:
//! [`serve`] refuses every address that is not loopback, and both routers refuse to be set up for one.
//!
//! ```no_run
//! # async fn run(config: weir_server::demo::crm::CrmConfig) -> Result<(), weir_server::demo::DemoError> {
//! use std::net::Ipv4Addr;
//! use weir_server::demo;
//!
//! let listener = demo::bind((Ipv4Addr::LOCALHOST, 8081).into()).await?;
//! demo::serve(listener, demo::crm::router(config)?, std::future::pending()).await
//! # }
//! ```

pub mod crm;
mod html;
pub mod idp;
mod local;
pub mod persona;
pub mod setup;

use std::future::Future;
use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

pub use crate::clock::Clock;

/// Why a part of the demo would not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The address can be reached from other machines.
    #[error("demo mode listens on loopback addresses only, and `{0}` is not one")]
    NotLoopback(SocketAddr),
    /// A configured address is not an `http` origin on this machine.
    #[error(
        "{setting} must be an http address on this machine, like `http://127.0.0.1:8080`, not `{value}`"
    )]
    NotLocal {
        /// Which setting.
        setting: &'static str,
        /// What it held.
        value: String,
    },
    /// The provider's signing key could not be made.
    #[error("could not make the signing key of the demo identity provider: {0}")]
    SigningKey(String),
    /// The client for calls to Weir could not be built.
    #[error("could not build an HTTP client of the demo")]
    Client(#[source] reqwest::Error),
    /// The embed client's secret could not be hashed.
    #[error("could not hash the secret of the demo embed client")]
    Secret(#[source] weir_identity::SecretHashError),
    /// The listener failed.
    #[error("could not listen")]
    Listen(#[source] std::io::Error),
}

/// Binds a loopback address.
///
/// # Errors
/// [`DemoError::NotLoopback`] before anything is bound, [`DemoError::Listen`] when binding fails.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, DemoError> {
    refuse_reachable(address)?;
    TcpListener::bind(address).await.map_err(DemoError::Listen)
}

/// Serves one of the two routers until `shutdown` resolves.
///
/// # Errors
/// [`DemoError::NotLoopback`] before the first connection is accepted, however the listener was made.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), DemoError> {
    refuse_reachable(listener.local_addr().map_err(DemoError::Listen)?)?;
    axum::serve(listener, router)
        .with_graceful_shutdown(shutdown)
        .await
        .map_err(DemoError::Listen)
}

fn refuse_reachable(address: SocketAddr) -> Result<(), DemoError> {
    if address.ip().is_loopback() {
        Ok(())
    } else {
        Err(DemoError::NotLoopback(address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_that_is_not_loopback_is_refused() {
        for address in ["0.0.0.0:0", "192.0.2.1:8081", "[::]:0"] {
            let refused = bind(address.parse().unwrap()).await;

            assert!(
                matches!(refused, Err(DemoError::NotLoopback(_))),
                "{address}"
            );
        }
    }

    #[tokio::test]
    async fn a_listener_bound_elsewhere_to_every_address_is_refused() {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();

        let refused = serve(listener, Router::new(), std::future::pending()).await;

        assert!(matches!(refused, Err(DemoError::NotLoopback(_))));
    }

    #[tokio::test]
    async fn loopback_is_served_until_shutdown() {
        let listener = bind("127.0.0.1:0".parse().unwrap()).await.unwrap();

        let served = serve(listener, Router::new(), std::future::ready(())).await;

        assert!(served.is_ok());
    }
}
