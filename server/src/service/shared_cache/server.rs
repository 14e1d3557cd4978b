//! The server of Redis' protocol: a few calls, each with a few milliseconds, over one connection that
//! is there or is not. While it is not, every call says so at once, and a task of its own tries to
//! get it back: no reader ever waits for that.

mod line;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisResult, Script, Value, cmd, pipe};
use tokio::time::Instant;

use self::line::Line;

/// How much longer a call may take that no page waits for: the alternative is a query.
const BEHIND: u32 = 4;

/// After how many times the time of a call a server that answers none is asked no more: then everything
/// is computed by every process, which is too much to pay for a machine that was busy for a moment.
const SILENCE: u32 = 40;

/// The answer, if it is there and not too long; else the lease, if nobody has it. Whoever asks again,
/// because the first call was late, may have it already.
static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local most = tonumber(ARGV[3])
        if most > 0 then
            local length = redis.call('STRLEN', KEYS[1])
            if length > 0 and length <= most then return redis.call('GET', KEYS[1]) end
        end
        if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
        if redis.call('GET', KEYS[2]) == ARGV[1] then
            return redis.call('PEXPIRE', KEYS[2], ARGV[2])
        end
        return 0",
    )
});

/// A lease lives longer, if it is still one's own.
static RENEW: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then
            return redis.call('PEXPIRE', KEYS[1], ARGV[2])
        end
        return 0",
    )
});

/// A lease is over, if it is still one's own.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
        return 0",
    )
});

/// An address that can't be one of a server. Says nothing of the address: a password may be in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `redis://host:port/0`, or `rediss://` for TLS")]
pub struct AddressError;

/// A server of Redis' protocol. Cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Server {
    line: Arc<Line>,
    timeout: Duration,
}

/// Why a call gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missed {
    /// It took too long.
    Late,
    /// There is no connection, or the server refuses.
    Gone,
}

/// What the server says about a question.
#[derive(Debug)]
pub(super) enum Said {
    /// This is the answer.
    Value(Vec<u8>),
    /// Nobody computes it; the lease is given.
    Mine,
    /// Somebody computes it.
    Taken,
}

impl Server {
    pub(super) fn new(address: &str, timeout: Duration) -> Result<Self, AddressError> {
        let client = redis::Client::open(address).map_err(|_| AddressError)?;
        Ok(Self {
            line: Arc::new(Line::new(client, timeout * SILENCE)),
            timeout,
        })
    }

    /// Connects, or goes on trying behind everybody's back.
    pub(super) async fn connect(&self) {
        Line::connect(&self.line).await;
    }

    /// Whether it is used now.
    pub(super) fn is_there(&self) -> bool {
        self.line.is_there()
    }

    /// Calls that failed or were late.
    pub(super) fn failures(&self) -> u64 {
        self.line.failures()
    }

    /// The values under these names, as far as they are there and no longer than `most`.
    pub(super) async fn values(
        &self,
        names: Vec<String>,
        most: usize,
    ) -> Option<Vec<Option<Vec<u8>>>> {
        let mut ranges = pipe();
        for name in &names {
            ranges.cmd("GETRANGE").arg(name).arg(0).arg(most);
        }
        let call = |mut line: MultiplexedConnection| async move {
            let values: RedisResult<Vec<Vec<u8>>> = ranges.query_async(&mut line).await;
            values
        };
        let values = self.within(self.timeout, call).await.ok()?.into_iter();
        let is_whole = |value: &Vec<u8>| !value.is_empty() && value.len() <= most;
        Some(values.map(|value| Some(value).filter(is_whole)).collect())
    }

    /// The value, if it may be at most `most` long; else the lease under `token`, if it is free.
    pub(super) async fn claim(
        &self,
        name: &str,
        (token, life): (&str, Duration),
        most: Option<usize>,
    ) -> Result<Said, Missed> {
        let mut call = CLAIM.prepare_invoke();
        call.key(name).key(lease_name(name));
        call.arg(token)
            .arg(milliseconds(life))
            .arg(most.unwrap_or(0));
        let call = |mut line: MultiplexedConnection| async move {
            let said: RedisResult<Value> = call.invoke_async(&mut line).await;
            said
        };
        match self.within(self.timeout * BEHIND, call).await? {
            Value::BulkString(value) => Ok(Said::Value(value)),
            Value::Int(1) => Ok(Said::Mine),
            Value::Int(0) => Ok(Said::Taken),
            _ => Err(Missed::Gone),
        }
    }

    /// Puts a value, for as long as it is good.
    pub(super) async fn put(&self, name: &str, value: Vec<u8>, life: Duration) -> Option<()> {
        let mut put = cmd("SET");
        put.arg(name).arg(value).arg("PX").arg(milliseconds(life));
        let call = |mut line: MultiplexedConnection| async move {
            let done: RedisResult<()> = put.query_async(&mut line).await;
            done
        };
        self.within(self.timeout * BEHIND, call).await.ok()
    }

    /// Keeps a lease for longer.
    pub(super) async fn renew(&self, name: &str, token: &str, life: Duration) {
        let mut call = RENEW.prepare_invoke();
        call.key(lease_name(name));
        call.arg(token).arg(milliseconds(life));
        let call = |mut line: MultiplexedConnection| async move {
            let done: RedisResult<i64> = call.invoke_async(&mut line).await;
            done
        };
        self.within(self.timeout * BEHIND, call).await.ok();
    }

    /// Gives a lease back.
    pub(super) async fn release(&self, name: &str, token: &str) {
        let mut call = RELEASE.prepare_invoke();
        call.key(lease_name(name)).arg(token);
        let call = |mut line: MultiplexedConnection| async move {
            let done: RedisResult<i64> = call.invoke_async(&mut line).await;
            done
        };
        self.within(self.timeout * BEHIND, call).await.ok();
    }

    /// What a call gives within its time.
    async fn within<T, F>(
        &self,
        time: Duration,
        call: impl FnOnce(MultiplexedConnection) -> F,
    ) -> Result<T, Missed>
    where
        F: Future<Output = RedisResult<T>>,
    {
        let (line, number) = self.line.taken().ok_or(Missed::Gone)?;
        let began = Instant::now();
        match tokio::time::timeout(time, call(line)).await {
            Ok(Ok(answer)) => {
                self.line.worked(number);
                Ok(answer)
            }
            Ok(Err(error)) => {
                tracing::debug!(what = error.category(), "the shared cache refused a call");
                Line::failed(&self.line, number, began, error.is_unrecoverable_error());
                Err(Missed::Gone)
            }
            Err(_) => {
                Line::failed(&self.line, number, began, false);
                Err(Missed::Late)
            }
        }
    }
}

fn lease_name(name: &str) -> String {
    format!("{name}:lease")
}

fn milliseconds(life: Duration) -> u64 {
    u64::try_from(life.as_millis()).unwrap_or(u64::MAX).max(1)
}
