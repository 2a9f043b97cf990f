//! What questions about people cost: the examples against a bare scan of what they read, against
//! a query for each condition, and against the shape in which others keep events; and many
//! segments in one pass. All in one run, on the same rows.

mod peer;
pub mod site;
mod statement;
mod upkeep;

use crate::figures::{largest, median, quantile, rounded, table};
use anyhow::{Context as _, Result, ensure};
use backend::segment::{
    Question, Statement, ast::Node, memberships, one_in, parse, preview, templates,
};
use clickhouse::{Row, RowOwned, RowRead};
use peer::PEERS;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use site::Site;
use statement::{bare_scan, count, intersected, spans};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tests::{
    backend::Backend,
    clickhouse::ClickHouse,
    clock::{now, now_ms},
    process::machine,
};
use upkeep::Upkeep;

/// How long ClickHouse may take to merge.
const PATIENCE: Duration = Duration::from_secs(1800);

/// The templates of the examples, in their order; some examples are several.
pub const EXAMPLES: [&str; 29] = [
    "frequent-visitors",
    "viewed-category",
    "visited-and-not-since",
    "visited-often-and-bought",
    "women-lapsed-but-reading",
    "men-of-a-region-with-a-cart",
    "sms-and-many-pages",
    "viewed-one-category-not-another",
    "city-regulars-not-in-group",
    "birthday-soon",
    "signed-up-this-week-years-ago",
    "source-never-bought",
    "due-to-buy-again",
    "opened-and-did-not-click",
    "clicked-in-a-mail",
    "never-opened-a-mail",
    "family-status-with-children",
    "rated-highly",
    "took-out-and-bought-another",
    "store-never-online",
    "online-never-store",
    "used-a-coupon",
    "returned-goods",
    "paid-ad-searched-not-bought",
    "viewed-added-did-not-buy",
    "returning-to-a-product",
    "several-kinds-of-device",
    "contacts-who-never-came",
    "in-one-segment-not-another",
];

/// What is measured.
#[derive(clap::Args)]
pub struct Args {
    /// How many events; a visitor is made for 40 and a contact for 100 of them.
    #[arg(long, default_value_t = 20_000_000, value_parser = clap::value_parser!(u64).range(100_000..=100_000_000))]
    events: u64,
    /// How often each is measured; the median counts.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Another seed gives other people.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the made-up site is kept, so that another run finds it; it is the same site whatever
    /// that run says of its size. Without it, it is made up anew.
    #[arg(long)]
    home: Option<PathBuf>,
}

/// An example's figures: how often its bare scan it takes, how often it a query for each
/// condition.
struct Example {
    template: &'static str,
    people: u64,
    seconds: f64,
    to_scan: Option<f64>,
    by_intersecting: Option<f64>,
}

/// Measures, and tells.
pub async fn run(program: &Path, args: &Args) -> Result<()> {
    let machine = machine()?;
    let temporary = tempfile::tempdir()?;
    let home = args.home.as_deref().unwrap_or(temporary.path());
    let (database, site) = made_up(home, program, args.events, args.seed).await?;

    let bench = Bench {
        database: &database,
        rounds: args.rounds,
        question: site.question()?,
    };
    eprintln!("→ the examples");
    let mut examples = Vec::new();
    let columns = bench.columns().await?;
    for template in EXAMPLES {
        examples.push(bench.example(template, &columns).await?);
    }
    eprintln!("→ the shape of others");
    let peers = bench.peers().await?;
    eprintln!("→ many segments at once");
    let mut many = Vec::new();
    for segments in [1, 10, 100] {
        many.push((segments, bench.many(segments).await?));
    }
    eprintln!("→ previews");
    let previews = [
        bench.previews(one_in(site.events)).await?,
        bench.previews(1).await?,
    ];
    eprintln!("→ living segments");
    let upkeep = upkeep::upkeep(&database, &site, home).await?;
    database.stop().await?;
    tell(
        &machine, &site, &examples, &peers, &many, &previews, &upkeep,
    )
}

/// A ClickHouse with the site that was made up under `home`, or is now.
pub async fn made_up(
    home: &Path,
    program: &Path,
    events: u64,
    seed: u64,
) -> Result<(ClickHouse, Site)> {
    let made_up = home.join("made-up.json");
    if let Ok(text) = fs::read(&made_up) {
        let [events, seed, until_ms] = serde_json::from_slice(&text)?;
        let database = ClickHouse::open(program, home).await?;
        // Of an earlier run.
        for table in ["segment_changes", "segment_members"] {
            database.ask(&format!("TRUNCATE TABLE {table}")).await?;
        }
        return Ok((database, Site::new(events, seed, until_ms)?));
    }
    // It makes the tables.
    Backend::start(program, home, &[]).await?.stop().await?;
    let database = ClickHouse::open(program, home).await?;
    let site = Site::new(events, seed, now_ms())?;
    eprintln!(
        "→ {} events of {} visitors, {} contacts",
        site.events, site.visitors, site.contacts
    );
    site.make_up(&database).await?;
    peer::make_up(&database).await?;
    database.settle(PATIENCE).await?;
    fs::write(
        made_up,
        json!([site.events, site.seed, site.until_ms]).to_string(),
    )?;
    Ok((database, site))
}

fn tell(
    machine: &str,
    site: &Site,
    examples: &[Example],
    peers: &[(&str, f64)],
    many: &[(usize, f64)],
    [estimates, previews]: &[Vec<f64>; 2],
    upkeep: &Upkeep,
) -> Result<()> {
    println!("Segments over {} events ({machine})\n", site.events);
    let times = |figure: Option<f64>| figure.map_or("".to_owned(), |figure| format!("{figure:.2}"));
    let rows: Vec<[String; 5]> = examples
        .iter()
        .map(|example| {
            [
                example.template.to_owned(),
                example.people.to_string(),
                format!("{:.0} ms", example.seconds * 1e3),
                times(example.to_scan),
                times(example.by_intersecting),
            ]
        })
        .collect();
    println!(
        "{}\n",
        table(
            ["", "people", "takes", "of a bare scan", "by intersecting"],
            &rows
        )
    );
    let rows: Vec<[String; 2]> = peers
        .iter()
        .map(|(template, times)| [(*template).to_owned(), format!("{times:.1}")])
        .collect();
    println!("{}\n", table(["times as long in others' shape", ""], &rows));
    let rows: Vec<[String; 2]> = many
        .iter()
        .map(|(segments, seconds)| {
            [
                format!("{segments} segments at once"),
                format!("{seconds:.2} s"),
            ]
        })
        .collect();
    println!("{}\n", table(["", "takes"], &rows));
    println!(
        "A minute's upkeep of a hundred living segments takes {:.1} s of CPU, {:.0} % of it ClickHouse's, and \
         finds {:.0} changes.\n",
        upkeep.cpu_share * 60.0,
        upkeep.of_clickhouse * 100.0,
        upkeep.changes
    );
    println!(
        "A preview is there after {:.0} ms in 99 of 100 cases, as an estimate of one person in {}; exact after {:.0} ms.\n",
        quantile(estimates, 0.99),
        one_in(site.events),
        quantile(previews, 0.99)
    );
    let to_scan = || examples.iter().filter_map(|example| example.to_scan);
    let one = many.first().context("one segment")?.1;
    let hundred = many.last().context("a hundred segments")?.1;
    let intersecting = examples
        .iter()
        .filter_map(|example| example.by_intersecting);
    println!(
        "{}",
        json!({ "segments": {
            "events": site.events,
            "median_vs_scan": rounded(median(to_scan()), 2),
            "worst_vs_scan": rounded(largest(to_scan()), 2),
            "vs_intersect": rounded(median(intersecting), 2),
            "vs_peer_shape": rounded(median(peers.iter().map(|(_, times)| *times)), 2),
            "hundred_vs_one": rounded(hundred / one, 2),
            "upkeep_cpu_share": rounded(upkeep.cpu_share, 3),
            "preview_p50_ms": rounded(quantile(estimates, 0.5), 0),
            "preview_p99_ms": rounded(quantile(estimates, 0.99), 0),
            "exact_preview_p50_ms": rounded(quantile(previews, 0.5), 0),
            "exact_preview_p99_ms": rounded(quantile(previews, 0.99), 0),
        } })
    );
    Ok(())
}

/// What a preview gives.
#[derive(Row, Deserialize)]
struct Previewed {
    #[expect(dead_code, reason = "it is read from the answer, and that is timed")]
    counts: Vec<(u64, u64)>,
    #[expect(dead_code, reason = "it is read from the answer, and that is timed")]
    sample: Vec<u64>,
}

/// What measures.
struct Bench<'a> {
    database: &'a ClickHouse,
    rounds: u32,
    question: Question<'a>,
}

impl Bench<'_> {
    /// The columns of `events`.
    async fn columns(&self) -> Result<BTreeSet<String>> {
        let columns = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = 'events'";
        let columns = String::from_utf8(self.database.ask(columns).await?)?;
        Ok(columns.lines().map(str::to_owned).collect())
    }

    async fn example(&self, template: &'static str, columns: &BTreeSet<String>) -> Result<Example> {
        let definition = definition(template)?;
        let asked = count(&definition, &self.question)?;
        let scan = bare_scan(&definition, &self.question, columns)?;
        let parts = intersected(&definition, &self.question)?;
        let people = self.people(&asked).await?;
        if let Some(parts) = &parts {
            let others = self.people(parts).await?;
            ensure!(
                others == people,
                "{template}: {people} people, intersected {others}"
            );
        }
        let (mut ours, mut scans, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.rounds {
            ours.push(self.seconds::<u64>(&asked).await?);
            if let Some(scan) = &scan {
                scans.push(self.seconds::<u64>(scan).await?);
            }
            if let Some(parts) = &parts {
                theirs.push(self.seconds::<u64>(parts).await?);
            }
        }
        let seconds = median(ours);
        Ok(Example {
            template,
            people,
            seconds,
            to_scan: scan.map(|_| seconds / median(scans)),
            by_intersecting: parts.map(|_| median(theirs) / seconds),
        })
    }

    /// How many times as long the examples take in the shape of others, which find the same
    /// people.
    async fn peers(&self) -> Result<Vec<(&'static str, f64)>> {
        let mut times = Vec::new();
        for peer in &PEERS {
            let definition = definition(peer.template)?;
            let asked = count(&definition, &self.question)?;
            let spans = spans(&definition, &self.question)?.unwrap_or_default();
            let from_ms = spans.first().and_then(|span| span.from_ms);
            let theirs = Statement {
                text: peer.statement(from_ms.unwrap_or_default()),
                params: Vec::new(),
            };
            let people = [self.people(&asked).await?, self.people(&theirs).await?];
            // A visit that the window cuts through is one to others.
            ensure!(
                people[0].abs_diff(people[1]) * 50 <= people[0],
                "{}: {people:?} people",
                peer.template
            );
            let (mut ours, mut others) = (Vec::new(), Vec::new());
            for _ in 0..self.rounds {
                ours.push(self.seconds::<u64>(&asked).await?);
                others.push(self.seconds::<u64>(&theirs).await?);
            }
            times.push((peer.template, median(others) / median(ours)));
        }
        Ok(times)
    }

    /// The seconds that so many segments of three leaves each take in one pass.
    async fn many(&self, segments: usize) -> Result<f64> {
        let asked = memberships_of(segments, &self.question)?;
        let mut seconds = Vec::new();
        for _ in 0..self.rounds {
            seconds.push(self.seconds::<u64>(&asked).await?);
        }
        Ok(median(seconds))
    }

    /// The milliseconds of previews as somebody types, of every example and each of its parts; of
    /// so many people one is asked.
    async fn previews(&self, one_in: u32) -> Result<Vec<f64>> {
        let mut times = Vec::new();
        for template in EXAMPLES {
            let whole = definition(template)?;
            let mut edits = vec![&whole];
            if let Node::All(parts) | Node::Any(parts) = &whole {
                edits.extend(parts);
            }
            for edit in edits {
                let (_, asked) = preview(&[edit], &self.question, 10, one_in)?;
                times.push(self.seconds::<Previewed>(&asked).await? * 1e3);
            }
        }
        Ok(times)
    }

    async fn people(&self, statement: &Statement) -> Result<u64> {
        let counts = self.database.question::<u64>(statement).await?;
        counts.first().copied().context("a count")
    }

    async fn seconds<T: RowOwned + RowRead>(&self, statement: &Statement) -> Result<f64> {
        let began = now();
        self.database.question::<T>(statement).await?;
        Ok(now().duration_since(began).as_secs_f64())
    }
}

/// A template as it is without a change, for what the site has.
fn definition(template: &str) -> Result<Node> {
    let template = templates::template(template).context("a template")?;
    let mut values = Map::new();
    for parameter in &template.parameters {
        if let Some(value) = of_the_site(&parameter.default) {
            values.insert(parameter.name.clone(), value);
        }
    }
    Ok(parse(&templates::fill(template, &values)?)?)
}

/// What the site has in place of a default that it has not.
fn of_the_site(default: &Value) -> Option<Value> {
    match default.as_str()? {
        "נעליים" => Some(json!("k1")),
        "תיקים" => Some(json!("k2")),
        "P" => Some(json!("p7")),
        "facebook" => Some(json!("website")),
        "נשואים" => Some(json!("married")),
        _ => None,
    }
}

/// How many memberships so many segments of three leaves each have, in one pass.
fn memberships_of(segments: usize, question: &Question<'_>) -> Result<Statement> {
    let definitions: Vec<Node> = (0..segments).map(three_leaves).collect::<Result<_>>()?;
    let definitions: Vec<&Node> = definitions.iter().collect();
    let Statement { text, params } = memberships(&definitions, question, None)?;
    let text = format!("SELECT sum(length(places)) FROM (\n{text})");
    Ok(Statement { text, params })
}

/// Three leaves that no other segment has.
fn three_leaves(segment: usize) -> Result<Node> {
    Ok(parse(&three_leaves_json(segment))?)
}

fn three_leaves_json(segment: usize) -> Value {
    let days = |n: usize| json!({ "last": { "n": n, "unit": "day" } });
    let is = |field: &str, value: String| json!([{ "field": field, "op": "eq", "value": value }]);
    json!({ "all": [
        { "kind": "event", "event": "page_view", "where": is("category", format!("k{}", segment % 20)),
          "window": days(7 + segment % 80) },
        { "kind": "event", "event": "dwell", "measure": { "sum": "dwell_ms" }, "compare": { "gte": 1000 * (segment + 1) },
          "where": is("product", format!("p{segment}")), "window": days(90) },
        { "not": { "kind": "event", "event": "add_to_cart", "where": is("product", format!("p{}", segment * 3)),
                   "window": days(60) } },
    ] })
}
