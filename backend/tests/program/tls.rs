//! A ClickHouse server that is reached over TLS.

use crate::{
    harness::Database,
    server::{Server, command},
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use std::{fs, sync::Arc};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, rustls::ServerConfig};

/// Speaks TLS before a ClickHouse that doesn't; gives its address and its certificate as PEM.
async fn tls_before(database: &Database) -> (String, String) {
    let names = vec!["127.0.0.1".to_owned()];
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).unwrap();
    let key = signing_key.serialize_der().try_into().unwrap();
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let behind = database.listening.listen;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                // Who doesn't believe the certificate leaves in the middle.
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut to = TcpStream::connect(behind).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut to).await;
                }
            });
        }
    });
    (url, cert.pem())
}

#[tokio::test]
async fn a_server_is_believed_by_its_certificate() {
    let database = Database::open();
    let (url, certificate) = tls_before(&database).await;
    let folder = tempfile::tempdir().unwrap();
    let believed = folder.path().join("believed.pem");
    fs::write(&believed, certificate).unwrap();

    let data = tempfile::tempdir().unwrap();
    let mut believing = command(data.path(), &url);
    let server = Server::begin(data, believing.env("SSL_CERT_FILE", &believed), &url);
    server.drained().await;
    let ready = server.get("/readyz").await.text().await.unwrap();
    assert!(ready.contains(r#""clickhouse":"ok""#), "{ready}");
    drop(server);

    let data = tempfile::tempdir().unwrap();
    let mut unbelieving = command(data.path(), &url);
    let server = Server::begin(data, &mut unbelieving, &url);
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status(), 503);
    let ready = ready.text().await.unwrap();
    assert!(ready.contains("certificate"), "{ready}");
}
