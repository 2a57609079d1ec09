/** Says that it runs, and waits to be stopped. */
console.log('waiting');
setTimeout(() => {}, 60_000);
