async function generateImage(apiKey: string) {
// Step 1: Create generation task
const generateRes = await fetch("https://nanophoto.ai/api/nano-banana-2/generate", {
method: "POST",
headers: {
"Content-Type": "application/json",
Authorization: `Bearer ${apiKey}`,
},
body: JSON.stringify({
prompt: "A serene Japanese garden with cherry blossoms and a koi pond",
mode: "generate",
aspectRatio: "16:9",
imageQuality: "2K",
googleSearch: true,
}),
});
const generateData = await generateRes.json();
if (!generateData.success) {
throw new Error(`Generate failed: ${generateData.error}`);
}
const { generationId } = generateData;
console.log(`Task created: ${generationId}`);
// Step 2: Poll for result
while (true) {
await new Promise((r) => setTimeout(r, 3000)); // Wait 3 seconds
const statusRes = await fetch("https://nanophoto.ai/api/nano-banana-2/check-status", {
method: "POST",
headers: {
"Content-Type": "application/json",
Authorization: `Bearer ${apiKey}`,
},
body: JSON.stringify({ generationId }),
});
const statusData = await statusRes.json();
console.log(`Status: ${statusData.status}, Progress: ${statusData.progress}%`);
if (statusData.status === "completed") {
console.log(`Image URL: ${statusData.imageUrl}`);
return statusData.imageUrl;
}
if (statusData.status === "failed") {
throw new Error(`Generation failed: ${statusData.error}`);
}
}
}
