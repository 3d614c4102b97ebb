//! Writing one metric after another in the form that Prometheus reads. What they mean is in `page.rs`.

use cubby_store::figures::Distribution;
use prometheus_client::encoding::{DescriptorEncoder, EncodeGaugeValue, NoLabelSet};
use prometheus_client::metrics::MetricType;
use prometheus_client::registry::Unit;
use std::fmt::Result;

/// A metric's name, without what its unit and its kind add, its unit, and what it means.
#[derive(Clone, Copy)]
pub(super) struct Named {
    pub(super) name: &'static str,
    pub(super) unit: Option<&'static Unit>,
    pub(super) help: &'static str,
}

/// How many of a distribution's values are one of the metric's unit.
pub(super) const NANOSECONDS: f64 = 1e9;
pub(super) const WHOLE: f64 = 1.0;

/// A page in the making.
pub(super) struct Page<'a>(pub(super) DescriptorEncoder<'a>);

impl Page<'_> {
    pub(super) fn gauge(&mut self, named: Named, value: impl EncodeGaugeValue + Copy) -> Result {
        self.0.encode_descriptor(named.name, named.help, named.unit, MetricType::Gauge)?.encode_gauge(&value)
    }

    /// A gauge with one label.
    pub(super) fn gauges(&mut self, named: Named, label: &str, values: &[(&str, u64)]) -> Result {
        let mut metric = self.0.encode_descriptor(named.name, named.help, named.unit, MetricType::Gauge)?;
        for (name, value) in values {
            metric.encode_family(&[(label, *name)])?.encode_gauge(value)?;
        }
        Ok(())
    }

    pub(super) fn counter(&mut self, named: Named, value: u64) -> Result {
        let mut metric = self.0.encode_descriptor(named.name, named.help, named.unit, MetricType::Counter)?;
        metric.encode_counter::<NoLabelSet, _, f64>(&value, None)
    }

    /// A counter with these labels.
    pub(super) fn counters<const N: usize>(
        &mut self,
        named: Named,
        labels: [&str; N],
        values: impl Iterator<Item = ([String; N], u64)>,
    ) -> Result {
        let mut metric = self.0.encode_descriptor(named.name, named.help, named.unit, MetricType::Counter)?;
        for (names, value) in values {
            let labels: Vec<(&str, &str)> = labels.into_iter().zip(names.iter().map(String::as_str)).collect();
            metric.encode_family(&labels)?.encode_counter::<NoLabelSet, _, f64>(&value, None)?;
        }
        Ok(())
    }

    pub(super) fn histogram(&mut self, named: Named, per_unit: f64, values: &Distribution) -> Result {
        let (sum, count, buckets) = buckets(values, per_unit);
        let mut metric = self.0.encode_descriptor(named.name, named.help, named.unit, MetricType::Histogram)?;
        metric.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)
    }

    /// A histogram with one label.
    pub(super) fn histograms<'d>(
        &mut self,
        named: Named,
        per_unit: f64,
        label: &str,
        values: impl Iterator<Item = (&'d str, Distribution)>,
    ) -> Result {
        let mut metric = self.0.encode_descriptor(named.name, named.help, named.unit, MetricType::Histogram)?;
        for (name, values) in values {
            let (sum, count, buckets) = buckets(&values, per_unit);
            metric.encode_family(&[(label, name)])?.encode_histogram::<NoLabelSet>(sum, count, &buckets, None)?;
        }
        Ok(())
    }
}

/// The sum, the count and the buckets of a distribution, in the metric's unit.
#[expect(clippy::cast_precision_loss, reason = "a metric is a double, here and where it is read")]
fn buckets(values: &Distribution, per_unit: f64) -> (f64, u64, Vec<(f64, u64)>) {
    let scaled = |value: u64| value as f64 / per_unit;
    let bounds = values.bounds.iter().map(|bound| scaled(*bound)).chain([f64::INFINITY]);
    (scaled(values.sum), values.counts.iter().sum(), bounds.zip(values.counts.iter().copied()).collect())
}
