use super::*;

fn spooled(byte: u8, events: usize) -> Spooled {
    Spooled {
        bytes: vec![byte; 10].into(),
        events,
    }
}

async fn append(spool: &Spool, bodies: &[(u8, usize)]) {
    for (byte, events) in bodies {
        spool.append(spooled(*byte, *events)).await.unwrap();
    }
}

async fn open_in(folder: &tempfile::TempDir, max_bytes: u64) -> (Spool, SpoolReader) {
    open(&folder.path().join("spool.sqlite"), max_bytes)
        .await
        .unwrap()
}

fn bytes(chunk: Option<Chunk>) -> Option<(i64, Vec<u8>)> {
    chunk.map(|chunk| {
        (
            chunk.number,
            chunk.bodies.iter().map(|body| body[0]).collect(),
        )
    })
}

#[tokio::test]
async fn a_chunk_stays_as_it_was_frozen() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1000).await;
    assert_eq!(bytes(reader.next_chunk(0, 100, false).await.unwrap()), None);
    append(&spool, &[(1, 60), (2, 60), (3, 1)]).await;
    let frozen = reader.next_chunk(0, 100, false).await.unwrap();
    assert_eq!(bytes(frozen.clone()), Some((1, vec![1, 2])));
    append(&spool, &[(4, 1)]).await;
    assert_eq!(
        bytes(reader.next_chunk(0, 100, false).await.unwrap()),
        Some((1, vec![1, 2]))
    );

    let name = reader.name.clone();
    drop((spool, reader));
    let (_spool, mut reader) = open_in(&folder, 1000).await;
    assert_eq!(reader.name, name, "it is the same spool after a restart");
    assert_eq!(
        bytes(reader.next_chunk(0, 1, false).await.unwrap()),
        Some((1, vec![1, 2]))
    );
    reader.delete(&frozen.unwrap()).await.unwrap();
    assert_eq!(
        bytes(reader.next_chunk(0, 100, false).await.unwrap()),
        Some((2, vec![3, 4]))
    );
}

#[tokio::test]
async fn beside_a_chunk_only_a_full_one_is_frozen() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1000).await;
    append(&spool, &[(1, 100), (2, 99)]).await;
    let first = reader.next_chunk(0, 100, true).await.unwrap();
    assert_eq!(bytes(first.clone()), Some((1, vec![1])));
    assert_eq!(bytes(reader.next_chunk(1, 100, true).await.unwrap()), None);
    append(&spool, &[(3, 1)]).await;
    let second = reader.next_chunk(1, 100, true).await.unwrap();
    assert_eq!(bytes(second), Some((2, vec![2, 3])));
    // Once frozen they come again in order, whatever was asked for.
    reader.delete(&first.unwrap()).await.unwrap();
    let second = reader.next_chunk(0, 100, true).await.unwrap();
    assert_eq!(bytes(second), Some((2, vec![2, 3])));
}

#[tokio::test]
async fn what_an_older_build_spooled_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("spool.sqlite");
    let mut old = SqliteConnection::connect(&format!("sqlite:{}?mode=rwc", file.display()))
        .await
        .unwrap();
    let mut migrations = sqlx::migrate!("src/ingest/migrations");
    migrations.migrations.to_mut().truncate(1);
    migrations.run_direct(None, &mut old, false).await.unwrap();
    let fill = "UPDATE spool SET chunk = 7;
                INSERT INTO envelopes (chunk, events, bytes)
                VALUES (7, 3, x'0001'), (7, 2, x'41'), (NULL, 1, x'4200')";
    sqlx::raw_sql(fill).execute(&mut old).await.unwrap();
    drop(old);
    let (spool, mut reader) = open(&file, 1000).await.unwrap();
    let chunk = reader.next_chunk(0, 100, false).await.unwrap().unwrap();
    assert_eq!(
        (chunk.number, chunk.bodies),
        (7, vec![body(&[[0, 1]]).to_vec(), body(&[b"A"]).to_vec()])
    );
    append(&spool, &[(9, 1)]).await;
    let chunk = reader.next_chunk(7, 100, false).await.unwrap().unwrap();
    assert_eq!(
        (chunk.number, chunk.bodies),
        (8, vec![body(&[[0x42, 0]]).to_vec(), vec![9; 10]])
    );
}

#[tokio::test]
async fn full_is_an_error_and_room_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 25).await;
    append(&spool, &[(1, 1), (2, 1)]).await;
    let refused = spool.append(spooled(3, 1)).await;
    assert!(matches!(refused, Err(SpoolError::Full)));
    let chunk = reader.next_chunk(0, 100, false).await.unwrap().unwrap();
    assert_eq!(chunk.bodies.len(), 2, "what was refused is not there");
    reader.delete(&chunk).await.unwrap();
    append(&spool, &[(3, 1)]).await;
}

#[tokio::test]
async fn a_chunk_is_bounded_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1 << 30).await;
    let large = Spooled {
        bytes: vec![7; 10 << 20].into(),
        events: 1,
    };
    for _ in 0..3 {
        spool.append(large.clone()).await.unwrap();
    }
    let chunk = reader.next_chunk(0, 100_000, false).await.unwrap().unwrap();
    assert_eq!(chunk.bodies.len(), 2);
}

#[tokio::test]
async fn concurrent_appends_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1 << 20).await;
    let appends = (0..200_u8).map(|n| {
        let spool = spool.clone();
        tokio::spawn(async move { spool.append(spooled(n, 1)).await })
    });
    for append in appends.collect::<Vec<_>>() {
        append.await.unwrap().unwrap();
    }
    let mut found = bytes(reader.next_chunk(0, 1000, false).await.unwrap())
        .unwrap()
        .1;
    found.sort_unstable();
    assert_eq!(found, (0..200).collect::<Vec<u8>>());
}

#[tokio::test]
async fn after_a_full_disk_it_takes_again() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1 << 20).await;
    let options = SqliteConnectOptions::new().filename(folder.path().join("spool.sqlite"));
    let mut writer = SqliteConnection::connect_with(&options).await.unwrap();
    // SQLite says of a file at its bound what it says of a full disk.
    let bound = async |connection: &mut SqliteConnection, pages: u32| {
        let bound = format!("PRAGMA max_page_count = {pages}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(bound))
            .execute(connection)
            .await
            .unwrap();
    };
    let group: Vec<_> = (0..1000)
        .map(|_| Append {
            spooled: spooled(7, 1),
            done: oneshot::channel().0,
        })
        .collect();
    bound(&mut writer, 1).await;
    for _ in 0..3 {
        let full = commit(&mut writer, &group).await.unwrap_err().to_string();
        assert!(full.contains("full"), "{full}");
    }
    bound(&mut writer, u32::MAX >> 1).await;
    commit(&mut writer, &group).await.unwrap();

    let chunk = reader.next_chunk(0, 10_000, false).await.unwrap().unwrap();
    assert_eq!((chunk.number, chunk.bodies.len()), (1, 1000));
    append(&spool, &[(8, 1)]).await;
}
