//! Orders: the feed's rows laid over the pixel's.

use super::super::facts::Order;
use super::World;
use std::collections::BTreeSet;

impl World<'_> {
    /// Each order once, as it is now, cancelled ones and later ones too.
    pub(super) fn orders(&self) -> Vec<Order> {
        let rows = self.facts.orders.iter();
        let ids: BTreeSet<&str> = rows.map(|order| order.order_id).collect();
        let orders = ids.into_iter();
        orders.filter_map(|id| self.order(id)).collect()
    }

    fn order(&self, id: &str) -> Option<Order> {
        let pixel = self.latest(id, false);
        let Some(feed) = self.latest(id, true) else {
            return pixel.cloned();
        };
        let mut order = feed.clone();
        if let Some(pixel) = pixel
            && feed.visitor == 0
            && feed.contact == 0
        {
            order.visitor = pixel.visitor;
            order.contact = pixel.contact;
        }
        Some(order)
    }

    fn latest(&self, id: &str, is_feed: bool) -> Option<&Order> {
        let rows = self.facts.orders.iter();
        rows.filter(|order| order.order_id == id && order.is_feed == is_feed)
            .max_by_key(|order| order.version)
    }
}
