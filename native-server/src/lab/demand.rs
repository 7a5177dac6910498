//! What a request of an experiment costs, as the generator writes it into the request's head.
//!
//! Theory, simulation and measurement share every draw: the server does not draw, it is told. Only
//! the site of an experiment reads this; `serve` does not know the field.

use std::fmt;
use std::str::FromStr;

use scheduler_model::scenario::{Fork, Ranged};
use scheduler_model::{Demand, Span};

/// The field's name.
pub(super) const FIELD: &str = "Lab-Demand";

/// A demand as text: `cpu=NS;sleep=NS`, and `;fork=DEPTHxNS` where it splits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written(pub(super) Demand);

/// A text that is no demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a demand is cpu=NS;sleep=NS, with ;fork=DEPTHxNS where it splits")]
pub(super) struct NoDemand;

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Demand { cpu, sleep, fork } = self.0;
        write!(f, "cpu={};sleep={}", cpu.as_nanos(), sleep.as_nanos())?;
        match fork {
            Some(Fork { depth, leaf_cpu }) => {
                write!(f, ";fork={}x{}", depth.get(), leaf_cpu.as_nanos())
            }
            None => Ok(()),
        }
    }
}

impl FromStr for Written {
    type Err = NoDemand;

    fn from_str(text: &str) -> Result<Self, NoDemand> {
        let mut parts = text.split(';');
        let mut part = |name: &str| {
            let value = parts.next()?.strip_prefix(name)?.strip_prefix('=')?;
            Some(value.to_owned())
        };
        let cpu = part("cpu").ok_or(NoDemand)?;
        let sleep = part("sleep").ok_or(NoDemand)?;
        let fork = parts.next().map(|fork| fork.strip_prefix("fork=").ok_or(NoDemand));
        let fork = match fork.transpose()? {
            None => None,
            Some(fork) => {
                let (depth, leaf) = fork.split_once('x').ok_or(NoDemand)?;
                let depth: u32 = depth.parse().map_err(|_| NoDemand)?;
                let depth = Ranged::new(depth).map_err(|_| NoDemand)?;
                Some(Fork { depth, leaf_cpu: span(leaf)? })
            }
        };
        if parts.next().is_some() {
            return Err(NoDemand);
        }
        Ok(Self(Demand { cpu: span(&cpu)?, sleep: span(&sleep)?, fork }))
    }
}

fn span(text: &str) -> Result<Span, NoDemand> {
    text.parse().map(Span::from_nanos).map_err(|_| NoDemand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_survives_its_way_through_a_field() {
        let fork = Fork { depth: Ranged::of::<4>(), leaf_cpu: Span::from_micros(500) };
        let (cpu, sleep) = (Span::from_nanos(1), Span::from_millis(5_000));
        for fork in [None, Some(fork)] {
            let demand = Written(Demand { cpu, sleep, fork });
            assert_eq!(demand.to_string().parse(), Ok(demand));
        }
    }

    #[test]
    fn another_text_is_no_demand() {
        for text in ["", "cpu=1", "sleep=1;cpu=1", "cpu=-1;sleep=0", "cpu=1;sleep=1;fork=17x1"] {
            assert_eq!(text.parse::<Written>(), Err(NoDemand), "{text}");
        }
    }
}
