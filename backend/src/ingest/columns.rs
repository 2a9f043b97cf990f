//! Rows of `events` as columns: ClickHouse's Native format, which it takes in half the time of
//! rows.

use super::row::EventRow;
use clickhouse::native::{
    Block, DataTypeNode,
    builder::BlockBuilder,
    encode::{Encode, ValueWriter},
};

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Milliseconds since the epoch, as `DateTime64(3)` has them.
struct Millis(i64);

impl Encode for Millis {
    fn produces() -> DataTypeNode {
        // It is a type.
        DataTypeNode::new("DateTime64(3)").unwrap_or(DataTypeNode::Int64)
    }

    fn encode(&self, writer: &mut ValueWriter<'_>) -> Result<(), Error> {
        Ok(writer.write_fixed(&self.0.to_le_bytes())?)
    }
}

struct Columns<'r, 'e> {
    rows: &'r [EventRow<'e>],
    block: BlockBuilder,
}

impl<'r, 'e> Columns<'r, 'e> {
    fn add<T: Encode>(
        &mut self,
        name: &str,
        value: impl Fn(&'r EventRow<'e>) -> T,
    ) -> Result<(), Error> {
        let mut column = self.block.upsert_column::<T>(name)?;
        column.add_all(self.rows.iter().map(value))?;
        Ok(())
    }
}

/// The block of all columns. What is text here and a dictionary, an object or an enumeration
/// there is made so by ClickHouse.
///
/// # Errors
/// What the encoder says.
pub fn block(rows: &[EventRow<'_>]) -> Result<Block, Error> {
    let mut of = Columns {
        rows,
        block: BlockBuilder::new(),
    };
    of.add("site", |row| row.site)?;
    of.add("visitor_id", |row| row.visitor_id)?;
    of.add("session_id", |row| row.session_id)?;
    of.add("tab_id", |row| row.tab_id)?;
    of.add("seq", |row| row.seq)?;
    of.add("event_id", |row| row.event_id)?;
    of.add("ts", |row| Millis(row.ts))?;
    of.add("received_at", |row| Millis(row.received_at))?;
    of.add("type", |row| row.r#type)?;
    of.add("name", |row| row.name)?;
    of.add("is_session_start", |row| row.is_session_start)?;
    of.add("dwell_ms", |row| row.dwell_ms)?;
    of.add("scroll_percent", |row| row.scroll_percent)?;
    of.add("click_kind", |row| row.click_kind)?;
    of.add("click_text", |row| row.click_text)?;
    of.add("click_host", |row| row.click_host)?;
    of.add("click_path", |row| row.click_path)?;
    of.add("cta", |row| row.cta)?;
    of.add("search_term", |row| row.search_term)?;
    of.add("value_cents", |row| row.value_cents)?;
    of.add("currency", |row| row.currency)?;
    of.add("order_id", |row| row.order_id)?;
    of.add("coupon", |row| row.coupon)?;
    of.add("form", |row| row.form)?;
    of.add("items.id", |row| row.item_ids.as_slice())?;
    of.add("items.name", |row| row.item_names.as_slice())?;
    of.add("items.category", |row| row.item_categories.as_slice())?;
    of.add("items.brand", |row| row.item_brands.as_slice())?;
    of.add("items.price_cents", |row| row.item_prices.as_slice())?;
    of.add("items.quantity", |row| row.item_quantities.as_slice())?;
    of.add("props", |row| row.props.as_str())?;
    of.add("host", |row| row.host)?;
    of.add("path", |row| row.path)?;
    of.add("query", |row| row.query)?;
    of.add("title", |row| row.title)?;
    of.add("canonical", |row| row.canonical)?;
    of.add("page_source", |row| row.page_source)?;
    of.add("category", |row| row.category)?;
    of.add("product", |row| row.product)?;
    of.add("visit_number", |row| row.visit_number)?;
    of.add("landing_path", |row| row.landing_path)?;
    of.add("referrer_host", |row| row.referrer_host)?;
    of.add("channel", |row| row.channel)?;
    of.add("utm_source", |row| row.utm_source)?;
    of.add("utm_medium", |row| row.utm_medium)?;
    of.add("utm_campaign", |row| row.utm_campaign)?;
    of.add("utm_term", |row| row.utm_term)?;
    of.add("utm_content", |row| row.utm_content)?;
    of.add("click_id_kind", |row| row.click_id_kind)?;
    of.add("device", |row| row.device)?;
    of.add("browser", |row| row.browser)?;
    of.add("os", |row| row.os)?;
    of.add("language", |row| row.language)?;
    of.add("country", |row| row.country)?;
    of.add("region", |row| row.region)?;
    of.add("city", |row| row.city)?;
    of.add("time_zone", |row| row.time_zone)?;
    of.add("consent", |row| row.consent)?;
    of.add("bot", |row| row.bot)?;
    of.add("machine", |row| row.machine)?;
    of.add("staff", |row| row.staff)?;
    Ok(of.block.build()?)
}
