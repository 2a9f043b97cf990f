use super::*;

fn spooled(byte: u8, events: usize) -> Spooled {
    Spooled {
        bytes: vec![byte; 10],
        events,
    }
}

async fn open_in(folder: &tempfile::TempDir, max_bytes: u64) -> (Spool, SpoolReader) {
    open(&folder.path().join("spool.sqlite"), max_bytes)
        .await
        .unwrap()
}

fn bytes(chunk: Option<Chunk>) -> Option<(i64, Vec<u8>)> {
    chunk.map(|chunk| (chunk.number, chunk.envelopes.iter().map(|e| e[0]).collect()))
}

#[tokio::test]
async fn a_chunk_stays_as_it_was_frozen() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1000).await;
    assert_eq!(bytes(reader.next_chunk(100).await.unwrap()), None);
    spool
        .append(vec![spooled(1, 60), spooled(2, 60), spooled(3, 1)])
        .await
        .unwrap();
    let frozen = reader.next_chunk(100).await.unwrap();
    assert_eq!(bytes(frozen.clone()), Some((1, vec![1, 2])));
    spool.append(vec![spooled(4, 1)]).await.unwrap();
    assert_eq!(
        bytes(reader.next_chunk(100).await.unwrap()),
        Some((1, vec![1, 2]))
    );

    let name = reader.name().to_owned();
    drop((spool, reader));
    let (_spool, mut reader) = open_in(&folder, 1000).await;
    assert_eq!(reader.name(), name, "it is the same spool after a restart");
    assert_eq!(
        bytes(reader.next_chunk(1).await.unwrap()),
        Some((1, vec![1, 2]))
    );
    reader.delete(&frozen.unwrap()).await.unwrap();
    assert_eq!(
        bytes(reader.next_chunk(100).await.unwrap()),
        Some((2, vec![3, 4]))
    );
}

#[tokio::test]
async fn full_is_an_error_and_room_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 25).await;
    spool
        .append(vec![spooled(1, 1), spooled(2, 1)])
        .await
        .unwrap();
    let refused = spool.append(vec![spooled(3, 1)]).await;
    assert!(matches!(refused, Err(SpoolError::Full)));
    let chunk = reader.next_chunk(100).await.unwrap().unwrap();
    assert_eq!(chunk.envelopes.len(), 2, "what was refused is not there");
    reader.delete(&chunk).await.unwrap();
    spool.append(vec![spooled(3, 1)]).await.unwrap();
}

#[tokio::test]
async fn a_chunk_is_bounded_in_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1 << 30).await;
    let large = Spooled {
        bytes: vec![7; 40 << 20],
        events: 1,
    };
    for _ in 0..3 {
        spool.append(vec![large.clone()]).await.unwrap();
    }
    let chunk = reader.next_chunk(100_000).await.unwrap().unwrap();
    assert_eq!(chunk.envelopes.len(), 2);
}

#[tokio::test]
async fn concurrent_appends_are_all_there() {
    let folder = tempfile::tempdir().unwrap();
    let (spool, mut reader) = open_in(&folder, 1 << 20).await;
    let appends = (0..200_u8).map(|n| {
        let spool = spool.clone();
        tokio::spawn(async move { spool.append(vec![spooled(n, 1)]).await })
    });
    for append in appends.collect::<Vec<_>>() {
        append.await.unwrap().unwrap();
    }
    let mut found = bytes(reader.next_chunk(1000).await.unwrap()).unwrap().1;
    found.sort_unstable();
    assert_eq!(found, (0..200).collect::<Vec<u8>>());
}

#[tokio::test]
async fn after_a_full_disk_it_takes_and_freezes_again() {
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
    let (done, _) = oneshot::channel();
    let group = [Append {
        envelopes: vec![spooled(7, 1); 1000],
        bytes: 0,
        done,
    }];
    bound(&mut writer, 1).await;
    for _ in 0..3 {
        let full = commit(&mut writer, &group).await.unwrap_err().to_string();
        assert!(full.contains("full"), "{full}");
    }
    bound(&mut writer, u32::MAX >> 1).await;
    commit(&mut writer, &group).await.unwrap();

    bound(&mut reader.connection, 1).await;
    for _ in 0..3 {
        let full = reader.next_chunk(10_000).await.unwrap_err().to_string();
        assert!(full.contains("full"), "{full}");
    }
    bound(&mut reader.connection, u32::MAX >> 1).await;
    let chunk = reader.next_chunk(10_000).await.unwrap().unwrap();
    assert_eq!((chunk.number, chunk.envelopes.len()), (1, 1000));
    spool.append(vec![spooled(8, 1)]).await.unwrap();
}
