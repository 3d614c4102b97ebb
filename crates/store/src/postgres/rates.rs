//! Call rates that all servers share: a row a bucket, which is the time at which it will be full again (the generic cell rate algorithm),
//! by the database's clock. One statement takes a call, or changes nothing.

use super::names;
use super::pool::{Connections, Fault};
use cubby_domain::SdkAppId;

const SECOND: i64 = 1_000_000;

/// The row that is proposed is of a bucket that was full, so that the time now is in it; the functions of the clock stay out of the
/// clause of the conflict, where a distributed database does not take them.
const TAKE: &str = "INSERT INTO cubby_call_rates AS rate (app, bucket, full_at) \
    VALUES ($1, $2, (extract(epoch FROM statement_timestamp()) * 1000000)::bigint + $3) \
    ON CONFLICT (app, bucket) DO UPDATE SET full_at = greatest(rate.full_at, EXCLUDED.full_at - $3) + $3 \
    WHERE greatest(rate.full_at, EXCLUDED.full_at - $3) + $3 - (EXCLUDED.full_at - $3) <= 1000000";

/// Takes one call out of a bucket; false where it is empty.
pub(super) async fn take(
    connections: &Connections,
    app: SdkAppId,
    bucket: &str,
    per_second: u32,
) -> Result<bool, Fault> {
    let interval = SECOND / i64::from(per_second.max(1));
    let lease = connections.get().await?;
    let statement = lease.prepare_cached(TAKE).await?;
    let taken = lease.execute(&statement, &[&names::number(app.0), &bucket, &interval]).await;
    lease.done();
    Ok(taken? == 1)
}
