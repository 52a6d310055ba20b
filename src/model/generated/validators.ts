// @ts-nocheck: code of ajv
// Made by scripts/generate.mjs from schemas/; do not edit.

export const validateMetadata = validate10;
const schema11 = {"type":"object","required":["name"],"properties":{"name":{"type":"string"},"namespace":{"type":"string"},"labels":{"type":"object","additionalProperties":{"type":"string"}},"annotations":{"type":"object","additionalProperties":{"type":"string"}},"uid":{"type":"string"},"generation":{"type":"integer"},"set":{"type":"string"},"createdAt":{"type":"string"},"origin":{"type":"object"}},"additionalProperties":false};
const func2 = Object.prototype.hasOwnProperty;

function validate10(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.name === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema11.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.name !== undefined){
if(typeof data.name !== "string"){
const err2 = {instancePath:instancePath+"/name",schemaPath:"#/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.namespace !== undefined){
if(typeof data.namespace !== "string"){
const err3 = {instancePath:instancePath+"/namespace",schemaPath:"#/properties/namespace/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.labels !== undefined){
let data2 = data.labels;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key1 in data2){
if(typeof data2[key1] !== "string"){
const err4 = {instancePath:instancePath+"/labels/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/labels/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
}
else {
const err5 = {instancePath:instancePath+"/labels",schemaPath:"#/properties/labels/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.annotations !== undefined){
let data4 = data.annotations;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key2 in data4){
if(typeof data4[key2] !== "string"){
const err6 = {instancePath:instancePath+"/annotations/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/annotations/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/annotations",schemaPath:"#/properties/annotations/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.uid !== undefined){
if(typeof data.uid !== "string"){
const err8 = {instancePath:instancePath+"/uid",schemaPath:"#/properties/uid/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.generation !== undefined){
let data7 = data.generation;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err9 = {instancePath:instancePath+"/generation",schemaPath:"#/properties/generation/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.set !== undefined){
if(typeof data.set !== "string"){
const err10 = {instancePath:instancePath+"/set",schemaPath:"#/properties/set/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.createdAt !== undefined){
if(typeof data.createdAt !== "string"){
const err11 = {instancePath:instancePath+"/createdAt",schemaPath:"#/properties/createdAt/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.origin !== undefined){
let data10 = data.origin;
if(!(data10 && typeof data10 == "object" && !Array.isArray(data10))){
const err12 = {instancePath:instancePath+"/origin",schemaPath:"#/properties/origin/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
validate10.errors = vErrors;
return errors === 0;
}

export const validateContainer = validate11;
const schema12 = {"type":"object","required":["image"],"properties":{"image":{"type":"string"},"imagePullPolicy":{"type":"string","enum":["IfNotPresent","Always","Never"]},"platform":false,"command":{"type":["array","string"],"items":{"type":"string"}},"args":{"type":["array","string"],"items":{"type":"string"}},"workingDir":{"type":"string"},"hostname":{"type":"string"},"domainname":{"type":"string"},"env":{"type":["object","array"],"additionalProperties":{"type":["string","object"],"properties":{"secret":{"type":"string"},"config":{"type":"string"},"field":{"type":"string"},"key":{"type":"string"},"optional":{"type":"boolean"}},"additionalProperties":false},"items":{"type":"object","required":["name"],"properties":{"name":{"type":"string"},"value":{"type":"string"},"valueFrom":{"type":"object","properties":{"secretKeyRef":{"type":"object","required":["name","key"],"properties":{"name":{"type":"string"},"key":{"type":"string"},"optional":{"type":"boolean"}},"additionalProperties":false},"configMapKeyRef":{"type":"object","required":["name","key"],"properties":{"name":{"type":"string"},"key":{"type":"string"},"optional":{"type":"boolean"}},"additionalProperties":false},"fieldRef":{"type":"object","required":["fieldPath"],"properties":{"fieldPath":{"type":"string"}},"additionalProperties":false}},"additionalProperties":false}},"additionalProperties":false}},"envFrom":{"type":"array","items":{"type":"object","properties":{"config":{"type":"string"},"secret":{"type":"string"},"prefix":{"type":"string"},"optional":{"type":"boolean"}},"additionalProperties":false}},"user":{"type":["string","integer"]},"groups":{"type":"array","items":{"type":["string","integer"]}},"tty":{"type":"boolean"},"stdin":{"type":"boolean"},"init":{"type":"boolean"},"ports":{"type":"array","items":{"type":["object","string","integer"],"required":["containerPort"],"properties":{"name":{"type":"string"},"containerPort":{"type":"integer"},"hostPort":{"type":"integer"},"hostIP":{"type":"string"},"protocol":{"type":"string","enum":["TCP","UDP","tcp","udp"]},"exposure":false},"additionalProperties":false}},"networks":{"type":["array","object"],"additionalProperties":{"type":["object","null"],"properties":{"ipv4":{"type":"string"},"ipv6":false,"mac":false,"aliases":{"type":"array","items":{"type":"string"}},"interface":false,"priority":false},"additionalProperties":false},"items":{"type":"string"}},"networkMode":{"type":"string","enum":["bridge","host","none"]},"hostAliases":{"type":"object","additionalProperties":{"type":"string"}},"dns":{"type":"object","properties":{"servers":{"type":"array","items":{"type":"string"}},"searches":{"type":"array","items":{"type":"string"}},"options":{"type":"array","items":{"type":"string"}}},"additionalProperties":false},"mounts":{"type":"array","items":{"type":["object","string"],"required":["path"],"properties":{"volume":{"type":"string"},"config":{"type":"string"},"secret":{"type":"string"},"hostPath":{"type":"string"},"tmpfs":{"type":["object","null"],"properties":{"size":{"type":["string","number"]},"mode":{"type":["string","integer"]}},"additionalProperties":false},"image":false,"path":{"type":"string"},"subPath":{"type":"string"},"readOnly":{"type":"boolean"},"size":{"type":["string","number"]},"mode":{"type":["string","integer"]},"create":{"type":"boolean"},"uid":{"type":"integer"},"gid":{"type":"integer"},"onChange":false},"additionalProperties":false}},"resources":{"type":"object","properties":{"limits":{"type":"object","properties":{"cpu":{"type":["string","number"]},"memory":{"type":["string","number"]},"pids":{"type":"integer","minimum":1},"swap":false,"cpuset":false,"io":false},"additionalProperties":false},"requests":false},"additionalProperties":false},"security":{"type":"string","enum":["baseline","privileged"]},"securityContext":{"type":"object","properties":{"runAsUser":{"type":"integer","minimum":0,"maximum":4294967294},"runAsGroup":{"type":"integer","minimum":0,"maximum":4294967294},"runAsNonRoot":{"type":"boolean"},"readOnlyRootFilesystem":{"type":"boolean"},"privileged":{"type":"boolean"},"allowPrivilegeEscalation":{"type":"boolean"},"capabilities":{"type":"object","properties":{"add":{"type":"array","items":{"type":"string"}},"drop":{"type":"array","items":{"type":"string"}}},"additionalProperties":false},"seccompProfile":{"type":"object","properties":{"type":{"type":"string","enum":["RuntimeDefault","Unconfined"]}},"additionalProperties":false},"appArmorProfile":false,"userNamespace":false,"sysctls":{"type":"object","additionalProperties":{"type":"string"}}},"additionalProperties":false},"hostPID":false,"hostIPC":false,"ulimits":false,"oomScoreAdj":false,"shmSize":{"type":["string","number"]},"devices":false,"gpus":false,"startupProbe":{"type":"object","properties":{"exec":{"type":"array","items":{"type":"string"}},"httpGet":{"type":"object","required":["port"],"properties":{"path":{"type":"string"},"port":{"type":["integer","string"]},"scheme":{"type":"string","enum":["HTTP","HTTPS"]},"headers":{"type":"object","additionalProperties":{"type":"string"}}},"additionalProperties":false},"tcpSocket":{"type":"object","required":["port"],"properties":{"port":{"type":["integer","string"]}},"additionalProperties":false},"grpc":{"type":"object","required":["port"],"properties":{"port":{"type":["integer","string"]},"service":{"type":"string"}},"additionalProperties":false},"initialDelaySeconds":{"type":"integer","minimum":0},"periodSeconds":{"type":"integer","minimum":1},"period":{"type":["string","number"]},"timeoutSeconds":{"type":"integer","minimum":1},"timeout":{"type":["string","number"]},"successThreshold":{"type":"integer","minimum":1},"failureThreshold":{"type":"integer","minimum":1},"terminationGracePeriodSeconds":{"type":["number","string"]}},"additionalProperties":false},"readinessProbe":{"type":"object","properties":{"exec":{"type":"array","items":{"type":"string"}},"httpGet":{"type":"object","required":["port"],"properties":{"path":{"type":"string"},"port":{"type":["integer","string"]},"scheme":{"type":"string","enum":["HTTP","HTTPS"]},"headers":{"type":"object","additionalProperties":{"type":"string"}}},"additionalProperties":false},"tcpSocket":{"type":"object","required":["port"],"properties":{"port":{"type":["integer","string"]}},"additionalProperties":false},"grpc":{"type":"object","required":["port"],"properties":{"port":{"type":["integer","string"]},"service":{"type":"string"}},"additionalProperties":false},"initialDelaySeconds":{"type":"integer","minimum":0},"periodSeconds":{"type":"integer","minimum":1},"period":{"type":["string","number"]},"timeoutSeconds":{"type":"integer","minimum":1},"timeout":{"type":["string","number"]},"successThreshold":{"type":"integer","minimum":1},"failureThreshold":{"type":"integer","minimum":1}},"additionalProperties":false},"livenessProbe":{"type":"object","properties":{"exec":{"type":"array","items":{"type":"string"}},"httpGet":{"type":"object","required":["port"],"properties":{"path":{"type":"string"},"port":{"type":["integer","string"]},"scheme":{"type":"string","enum":["HTTP","HTTPS"]},"headers":{"type":"object","additionalProperties":{"type":"string"}}},"additionalProperties":false},"tcpSocket":{"type":"object","required":["port"],"properties":{"port":{"type":["integer","string"]}},"additionalProperties":false},"grpc":{"type":"object","required":["port"],"properties":{"port":{"type":["integer","string"]},"service":{"type":"string"}},"additionalProperties":false},"initialDelaySeconds":{"type":"integer","minimum":0},"periodSeconds":{"type":"integer","minimum":1},"period":{"type":["string","number"]},"timeoutSeconds":{"type":"integer","minimum":1},"timeout":{"type":["string","number"]},"successThreshold":{"type":"integer","minimum":1,"maximum":1},"failureThreshold":{"type":"integer","minimum":1},"terminationGracePeriodSeconds":{"type":["number","string"]}},"additionalProperties":false},"healthcheck":{"type":"object","properties":{"test":{"type":["array","string"],"items":{"type":"string"}},"interval":{"type":["string","number"]},"timeout":{"type":["string","number"]},"start_period":{"type":["string","number"]},"start_interval":{"type":["string","number"]},"retries":{"type":"integer","minimum":1},"disable":{"type":"boolean"},"restart":{"type":"boolean"}},"additionalProperties":false},"restartPolicy":{"type":"string","enum":["Always","OnFailure","Never"]},"restartBackoff":{"type":"object","properties":{"initial":{"type":["string","number"]},"max":{"type":["string","number"]},"reset":{"type":["string","number"]}},"additionalProperties":false},"maxRestarts":{"type":"integer","minimum":0},"stopSignal":{"type":["string","integer"]},"terminationGracePeriodSeconds":{"type":["number","string"]},"lifecycle":false,"dependsOn":{"type":["array","object"],"additionalProperties":{"type":["object","null"],"properties":{"condition":{"type":"string","enum":["Started"]},"restart":false,"timeout":{"type":["string","number"]}},"additionalProperties":false},"items":{"type":"string"}},"initContainers":false,"sidecars":false,"replicas":{"type":"integer","minimum":0,"maximum":1000},"strategy":{"type":"object","properties":{"type":{"type":"string","enum":["Recreate"]},"maxSurge":false,"maxUnavailable":false,"minReady":false,"deadline":false,"drain":false,"onFailure":false},"additionalProperties":false},"autoUpdate":false,"logging":{"type":"object","properties":{"driver":{"type":"string","enum":["file"]},"maxSize":{"type":["string","number"]},"maxFiles":{"type":"integer","minimum":1,"maximum":100},"keepOld":{"type":"integer","minimum":0,"maximum":100}},"additionalProperties":false},"runtime":false,"state":{"type":"string","enum":["Running","Stopped"]}},"additionalProperties":false};

function validate11(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.image === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "image"},message:"must have required property '"+"image"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(func2.call(schema12.properties, key0))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.image !== undefined){
if(typeof data.image !== "string"){
const err2 = {instancePath:instancePath+"/image",schemaPath:"#/properties/image/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.imagePullPolicy !== undefined){
let data1 = data.imagePullPolicy;
if(typeof data1 !== "string"){
const err3 = {instancePath:instancePath+"/imagePullPolicy",schemaPath:"#/properties/imagePullPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(!(((data1 === "IfNotPresent") || (data1 === "Always")) || (data1 === "Never"))){
const err4 = {instancePath:instancePath+"/imagePullPolicy",schemaPath:"#/properties/imagePullPolicy/enum",keyword:"enum",params:{allowedValues: schema12.properties.imagePullPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.platform !== undefined){
const err5 = {instancePath:instancePath+"/platform",schemaPath:"#/properties/platform/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data.command !== undefined){
let data3 = data.command;
if((!(Array.isArray(data3))) && (typeof data3 !== "string")){
const err6 = {instancePath:instancePath+"/command",schemaPath:"#/properties/command/type",keyword:"type",params:{type: schema12.properties.command.type},message:"must be array,string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(Array.isArray(data3)){
const len0 = data3.length;
for(let i0=0; i0<len0; i0++){
if(typeof data3[i0] !== "string"){
const err7 = {instancePath:instancePath+"/command/" + i0,schemaPath:"#/properties/command/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
}
}
if(data.args !== undefined){
let data5 = data.args;
if((!(Array.isArray(data5))) && (typeof data5 !== "string")){
const err8 = {instancePath:instancePath+"/args",schemaPath:"#/properties/args/type",keyword:"type",params:{type: schema12.properties.args.type},message:"must be array,string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
if(Array.isArray(data5)){
const len1 = data5.length;
for(let i1=0; i1<len1; i1++){
if(typeof data5[i1] !== "string"){
const err9 = {instancePath:instancePath+"/args/" + i1,schemaPath:"#/properties/args/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
}
}
if(data.workingDir !== undefined){
if(typeof data.workingDir !== "string"){
const err10 = {instancePath:instancePath+"/workingDir",schemaPath:"#/properties/workingDir/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.hostname !== undefined){
if(typeof data.hostname !== "string"){
const err11 = {instancePath:instancePath+"/hostname",schemaPath:"#/properties/hostname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.domainname !== undefined){
if(typeof data.domainname !== "string"){
const err12 = {instancePath:instancePath+"/domainname",schemaPath:"#/properties/domainname/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data.env !== undefined){
let data10 = data.env;
if(!data10 || typeof data10 != "object"){
const err13 = {instancePath:instancePath+"/env",schemaPath:"#/properties/env/type",keyword:"type",params:{type: schema12.properties.env.type},message:"must be object,array"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(Array.isArray(data10)){
const len2 = data10.length;
for(let i2=0; i2<len2; i2++){
let data11 = data10[i2];
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
if(data11.name === undefined){
const err14 = {instancePath:instancePath+"/env/" + i2,schemaPath:"#/properties/env/items/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
for(const key1 in data11){
if(!(((key1 === "name") || (key1 === "value")) || (key1 === "valueFrom"))){
const err15 = {instancePath:instancePath+"/env/" + i2,schemaPath:"#/properties/env/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data11.name !== undefined){
if(typeof data11.name !== "string"){
const err16 = {instancePath:instancePath+"/env/" + i2+"/name",schemaPath:"#/properties/env/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data11.value !== undefined){
if(typeof data11.value !== "string"){
const err17 = {instancePath:instancePath+"/env/" + i2+"/value",schemaPath:"#/properties/env/items/properties/value/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
if(data11.valueFrom !== undefined){
let data14 = data11.valueFrom;
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key2 in data14){
if(!(((key2 === "secretKeyRef") || (key2 === "configMapKeyRef")) || (key2 === "fieldRef"))){
const err18 = {instancePath:instancePath+"/env/" + i2+"/valueFrom",schemaPath:"#/properties/env/items/properties/valueFrom/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data14.secretKeyRef !== undefined){
let data15 = data14.secretKeyRef;
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
if(data15.name === undefined){
const err19 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/secretKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/secretKeyRef/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
if(data15.key === undefined){
const err20 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/secretKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/secretKeyRef/required",keyword:"required",params:{missingProperty: "key"},message:"must have required property '"+"key"+"'"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
for(const key3 in data15){
if(!(((key3 === "name") || (key3 === "key")) || (key3 === "optional"))){
const err21 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/secretKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/secretKeyRef/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data15.name !== undefined){
if(typeof data15.name !== "string"){
const err22 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/secretKeyRef/name",schemaPath:"#/properties/env/items/properties/valueFrom/properties/secretKeyRef/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data15.key !== undefined){
if(typeof data15.key !== "string"){
const err23 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/secretKeyRef/key",schemaPath:"#/properties/env/items/properties/valueFrom/properties/secretKeyRef/properties/key/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
if(data15.optional !== undefined){
if(typeof data15.optional !== "boolean"){
const err24 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/secretKeyRef/optional",schemaPath:"#/properties/env/items/properties/valueFrom/properties/secretKeyRef/properties/optional/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
else {
const err25 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/secretKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/secretKeyRef/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data14.configMapKeyRef !== undefined){
let data19 = data14.configMapKeyRef;
if(data19 && typeof data19 == "object" && !Array.isArray(data19)){
if(data19.name === undefined){
const err26 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/configMapKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/configMapKeyRef/required",keyword:"required",params:{missingProperty: "name"},message:"must have required property '"+"name"+"'"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
if(data19.key === undefined){
const err27 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/configMapKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/configMapKeyRef/required",keyword:"required",params:{missingProperty: "key"},message:"must have required property '"+"key"+"'"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
for(const key4 in data19){
if(!(((key4 === "name") || (key4 === "key")) || (key4 === "optional"))){
const err28 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/configMapKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/configMapKeyRef/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
if(data19.name !== undefined){
if(typeof data19.name !== "string"){
const err29 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/configMapKeyRef/name",schemaPath:"#/properties/env/items/properties/valueFrom/properties/configMapKeyRef/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
}
if(data19.key !== undefined){
if(typeof data19.key !== "string"){
const err30 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/configMapKeyRef/key",schemaPath:"#/properties/env/items/properties/valueFrom/properties/configMapKeyRef/properties/key/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err30];
}
else {
vErrors.push(err30);
}
errors++;
}
}
if(data19.optional !== undefined){
if(typeof data19.optional !== "boolean"){
const err31 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/configMapKeyRef/optional",schemaPath:"#/properties/env/items/properties/valueFrom/properties/configMapKeyRef/properties/optional/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err31];
}
else {
vErrors.push(err31);
}
errors++;
}
}
}
else {
const err32 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/configMapKeyRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/configMapKeyRef/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err32];
}
else {
vErrors.push(err32);
}
errors++;
}
}
if(data14.fieldRef !== undefined){
let data23 = data14.fieldRef;
if(data23 && typeof data23 == "object" && !Array.isArray(data23)){
if(data23.fieldPath === undefined){
const err33 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/fieldRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/fieldRef/required",keyword:"required",params:{missingProperty: "fieldPath"},message:"must have required property '"+"fieldPath"+"'"};
if(vErrors === null){
vErrors = [err33];
}
else {
vErrors.push(err33);
}
errors++;
}
for(const key5 in data23){
if(!(key5 === "fieldPath")){
const err34 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/fieldRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/fieldRef/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key5},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err34];
}
else {
vErrors.push(err34);
}
errors++;
}
}
if(data23.fieldPath !== undefined){
if(typeof data23.fieldPath !== "string"){
const err35 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/fieldRef/fieldPath",schemaPath:"#/properties/env/items/properties/valueFrom/properties/fieldRef/properties/fieldPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err35];
}
else {
vErrors.push(err35);
}
errors++;
}
}
}
else {
const err36 = {instancePath:instancePath+"/env/" + i2+"/valueFrom/fieldRef",schemaPath:"#/properties/env/items/properties/valueFrom/properties/fieldRef/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err36];
}
else {
vErrors.push(err36);
}
errors++;
}
}
}
else {
const err37 = {instancePath:instancePath+"/env/" + i2+"/valueFrom",schemaPath:"#/properties/env/items/properties/valueFrom/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err37];
}
else {
vErrors.push(err37);
}
errors++;
}
}
}
else {
const err38 = {instancePath:instancePath+"/env/" + i2,schemaPath:"#/properties/env/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err38];
}
else {
vErrors.push(err38);
}
errors++;
}
}
}
if(data10 && typeof data10 == "object" && !Array.isArray(data10)){
for(const key6 in data10){
let data25 = data10[key6];
if((typeof data25 !== "string") && (!(data25 && typeof data25 == "object" && !Array.isArray(data25)))){
const err39 = {instancePath:instancePath+"/env/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/env/additionalProperties/type",keyword:"type",params:{type: schema12.properties.env.additionalProperties.type},message:"must be string,object"};
if(vErrors === null){
vErrors = [err39];
}
else {
vErrors.push(err39);
}
errors++;
}
if(data25 && typeof data25 == "object" && !Array.isArray(data25)){
for(const key7 in data25){
if(!(((((key7 === "secret") || (key7 === "config")) || (key7 === "field")) || (key7 === "key")) || (key7 === "optional"))){
const err40 = {instancePath:instancePath+"/env/" + key6.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/env/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key7},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err40];
}
else {
vErrors.push(err40);
}
errors++;
}
}
if(data25.secret !== undefined){
if(typeof data25.secret !== "string"){
const err41 = {instancePath:instancePath+"/env/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/secret",schemaPath:"#/properties/env/additionalProperties/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err41];
}
else {
vErrors.push(err41);
}
errors++;
}
}
if(data25.config !== undefined){
if(typeof data25.config !== "string"){
const err42 = {instancePath:instancePath+"/env/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/config",schemaPath:"#/properties/env/additionalProperties/properties/config/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err42];
}
else {
vErrors.push(err42);
}
errors++;
}
}
if(data25.field !== undefined){
if(typeof data25.field !== "string"){
const err43 = {instancePath:instancePath+"/env/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/field",schemaPath:"#/properties/env/additionalProperties/properties/field/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err43];
}
else {
vErrors.push(err43);
}
errors++;
}
}
if(data25.key !== undefined){
if(typeof data25.key !== "string"){
const err44 = {instancePath:instancePath+"/env/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/key",schemaPath:"#/properties/env/additionalProperties/properties/key/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err44];
}
else {
vErrors.push(err44);
}
errors++;
}
}
if(data25.optional !== undefined){
if(typeof data25.optional !== "boolean"){
const err45 = {instancePath:instancePath+"/env/" + key6.replace(/~/g, "~0").replace(/\//g, "~1")+"/optional",schemaPath:"#/properties/env/additionalProperties/properties/optional/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err45];
}
else {
vErrors.push(err45);
}
errors++;
}
}
}
}
}
}
if(data.envFrom !== undefined){
let data31 = data.envFrom;
if(Array.isArray(data31)){
const len3 = data31.length;
for(let i3=0; i3<len3; i3++){
let data32 = data31[i3];
if(data32 && typeof data32 == "object" && !Array.isArray(data32)){
for(const key8 in data32){
if(!((((key8 === "config") || (key8 === "secret")) || (key8 === "prefix")) || (key8 === "optional"))){
const err46 = {instancePath:instancePath+"/envFrom/" + i3,schemaPath:"#/properties/envFrom/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key8},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err46];
}
else {
vErrors.push(err46);
}
errors++;
}
}
if(data32.config !== undefined){
if(typeof data32.config !== "string"){
const err47 = {instancePath:instancePath+"/envFrom/" + i3+"/config",schemaPath:"#/properties/envFrom/items/properties/config/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err47];
}
else {
vErrors.push(err47);
}
errors++;
}
}
if(data32.secret !== undefined){
if(typeof data32.secret !== "string"){
const err48 = {instancePath:instancePath+"/envFrom/" + i3+"/secret",schemaPath:"#/properties/envFrom/items/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err48];
}
else {
vErrors.push(err48);
}
errors++;
}
}
if(data32.prefix !== undefined){
if(typeof data32.prefix !== "string"){
const err49 = {instancePath:instancePath+"/envFrom/" + i3+"/prefix",schemaPath:"#/properties/envFrom/items/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err49];
}
else {
vErrors.push(err49);
}
errors++;
}
}
if(data32.optional !== undefined){
if(typeof data32.optional !== "boolean"){
const err50 = {instancePath:instancePath+"/envFrom/" + i3+"/optional",schemaPath:"#/properties/envFrom/items/properties/optional/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err50];
}
else {
vErrors.push(err50);
}
errors++;
}
}
}
else {
const err51 = {instancePath:instancePath+"/envFrom/" + i3,schemaPath:"#/properties/envFrom/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err51];
}
else {
vErrors.push(err51);
}
errors++;
}
}
}
else {
const err52 = {instancePath:instancePath+"/envFrom",schemaPath:"#/properties/envFrom/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err52];
}
else {
vErrors.push(err52);
}
errors++;
}
}
if(data.user !== undefined){
let data37 = data.user;
if((typeof data37 !== "string") && (!(((typeof data37 == "number") && (!(data37 % 1) && !isNaN(data37))) && (isFinite(data37))))){
const err53 = {instancePath:instancePath+"/user",schemaPath:"#/properties/user/type",keyword:"type",params:{type: schema12.properties.user.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err53];
}
else {
vErrors.push(err53);
}
errors++;
}
}
if(data.groups !== undefined){
let data38 = data.groups;
if(Array.isArray(data38)){
const len4 = data38.length;
for(let i4=0; i4<len4; i4++){
let data39 = data38[i4];
if((typeof data39 !== "string") && (!(((typeof data39 == "number") && (!(data39 % 1) && !isNaN(data39))) && (isFinite(data39))))){
const err54 = {instancePath:instancePath+"/groups/" + i4,schemaPath:"#/properties/groups/items/type",keyword:"type",params:{type: schema12.properties.groups.items.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err54];
}
else {
vErrors.push(err54);
}
errors++;
}
}
}
else {
const err55 = {instancePath:instancePath+"/groups",schemaPath:"#/properties/groups/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err55];
}
else {
vErrors.push(err55);
}
errors++;
}
}
if(data.tty !== undefined){
if(typeof data.tty !== "boolean"){
const err56 = {instancePath:instancePath+"/tty",schemaPath:"#/properties/tty/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err56];
}
else {
vErrors.push(err56);
}
errors++;
}
}
if(data.stdin !== undefined){
if(typeof data.stdin !== "boolean"){
const err57 = {instancePath:instancePath+"/stdin",schemaPath:"#/properties/stdin/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err57];
}
else {
vErrors.push(err57);
}
errors++;
}
}
if(data.init !== undefined){
if(typeof data.init !== "boolean"){
const err58 = {instancePath:instancePath+"/init",schemaPath:"#/properties/init/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err58];
}
else {
vErrors.push(err58);
}
errors++;
}
}
if(data.ports !== undefined){
let data43 = data.ports;
if(Array.isArray(data43)){
const len5 = data43.length;
for(let i5=0; i5<len5; i5++){
let data44 = data43[i5];
if(((!(data44 && typeof data44 == "object" && !Array.isArray(data44))) && (typeof data44 !== "string")) && (!(((typeof data44 == "number") && (!(data44 % 1) && !isNaN(data44))) && (isFinite(data44))))){
const err59 = {instancePath:instancePath+"/ports/" + i5,schemaPath:"#/properties/ports/items/type",keyword:"type",params:{type: schema12.properties.ports.items.type},message:"must be object,string,integer"};
if(vErrors === null){
vErrors = [err59];
}
else {
vErrors.push(err59);
}
errors++;
}
if(data44 && typeof data44 == "object" && !Array.isArray(data44)){
if(data44.containerPort === undefined){
const err60 = {instancePath:instancePath+"/ports/" + i5,schemaPath:"#/properties/ports/items/required",keyword:"required",params:{missingProperty: "containerPort"},message:"must have required property '"+"containerPort"+"'"};
if(vErrors === null){
vErrors = [err60];
}
else {
vErrors.push(err60);
}
errors++;
}
for(const key9 in data44){
if(!((((((key9 === "name") || (key9 === "containerPort")) || (key9 === "hostPort")) || (key9 === "hostIP")) || (key9 === "protocol")) || (key9 === "exposure"))){
const err61 = {instancePath:instancePath+"/ports/" + i5,schemaPath:"#/properties/ports/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key9},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err61];
}
else {
vErrors.push(err61);
}
errors++;
}
}
if(data44.name !== undefined){
if(typeof data44.name !== "string"){
const err62 = {instancePath:instancePath+"/ports/" + i5+"/name",schemaPath:"#/properties/ports/items/properties/name/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err62];
}
else {
vErrors.push(err62);
}
errors++;
}
}
if(data44.containerPort !== undefined){
let data46 = data44.containerPort;
if(!(((typeof data46 == "number") && (!(data46 % 1) && !isNaN(data46))) && (isFinite(data46)))){
const err63 = {instancePath:instancePath+"/ports/" + i5+"/containerPort",schemaPath:"#/properties/ports/items/properties/containerPort/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err63];
}
else {
vErrors.push(err63);
}
errors++;
}
}
if(data44.hostPort !== undefined){
let data47 = data44.hostPort;
if(!(((typeof data47 == "number") && (!(data47 % 1) && !isNaN(data47))) && (isFinite(data47)))){
const err64 = {instancePath:instancePath+"/ports/" + i5+"/hostPort",schemaPath:"#/properties/ports/items/properties/hostPort/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err64];
}
else {
vErrors.push(err64);
}
errors++;
}
}
if(data44.hostIP !== undefined){
if(typeof data44.hostIP !== "string"){
const err65 = {instancePath:instancePath+"/ports/" + i5+"/hostIP",schemaPath:"#/properties/ports/items/properties/hostIP/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err65];
}
else {
vErrors.push(err65);
}
errors++;
}
}
if(data44.protocol !== undefined){
let data49 = data44.protocol;
if(typeof data49 !== "string"){
const err66 = {instancePath:instancePath+"/ports/" + i5+"/protocol",schemaPath:"#/properties/ports/items/properties/protocol/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err66];
}
else {
vErrors.push(err66);
}
errors++;
}
if(!((((data49 === "TCP") || (data49 === "UDP")) || (data49 === "tcp")) || (data49 === "udp"))){
const err67 = {instancePath:instancePath+"/ports/" + i5+"/protocol",schemaPath:"#/properties/ports/items/properties/protocol/enum",keyword:"enum",params:{allowedValues: schema12.properties.ports.items.properties.protocol.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err67];
}
else {
vErrors.push(err67);
}
errors++;
}
}
if(data44.exposure !== undefined){
const err68 = {instancePath:instancePath+"/ports/" + i5+"/exposure",schemaPath:"#/properties/ports/items/properties/exposure/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err68];
}
else {
vErrors.push(err68);
}
errors++;
}
}
}
}
else {
const err69 = {instancePath:instancePath+"/ports",schemaPath:"#/properties/ports/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err69];
}
else {
vErrors.push(err69);
}
errors++;
}
}
if(data.networks !== undefined){
let data51 = data.networks;
if(!data51 || typeof data51 != "object"){
const err70 = {instancePath:instancePath+"/networks",schemaPath:"#/properties/networks/type",keyword:"type",params:{type: schema12.properties.networks.type},message:"must be array,object"};
if(vErrors === null){
vErrors = [err70];
}
else {
vErrors.push(err70);
}
errors++;
}
if(Array.isArray(data51)){
const len6 = data51.length;
for(let i6=0; i6<len6; i6++){
if(typeof data51[i6] !== "string"){
const err71 = {instancePath:instancePath+"/networks/" + i6,schemaPath:"#/properties/networks/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err71];
}
else {
vErrors.push(err71);
}
errors++;
}
}
}
if(data51 && typeof data51 == "object" && !Array.isArray(data51)){
for(const key10 in data51){
let data53 = data51[key10];
if((!(data53 && typeof data53 == "object" && !Array.isArray(data53))) && (data53 !== null)){
const err72 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/networks/additionalProperties/type",keyword:"type",params:{type: schema12.properties.networks.additionalProperties.type},message:"must be object,null"};
if(vErrors === null){
vErrors = [err72];
}
else {
vErrors.push(err72);
}
errors++;
}
if(data53 && typeof data53 == "object" && !Array.isArray(data53)){
for(const key11 in data53){
if(!((((((key11 === "ipv4") || (key11 === "ipv6")) || (key11 === "mac")) || (key11 === "aliases")) || (key11 === "interface")) || (key11 === "priority"))){
const err73 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/networks/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key11},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err73];
}
else {
vErrors.push(err73);
}
errors++;
}
}
if(data53.ipv4 !== undefined){
if(typeof data53.ipv4 !== "string"){
const err74 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1")+"/ipv4",schemaPath:"#/properties/networks/additionalProperties/properties/ipv4/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err74];
}
else {
vErrors.push(err74);
}
errors++;
}
}
if(data53.ipv6 !== undefined){
const err75 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1")+"/ipv6",schemaPath:"#/properties/networks/additionalProperties/properties/ipv6/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err75];
}
else {
vErrors.push(err75);
}
errors++;
}
if(data53.mac !== undefined){
const err76 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1")+"/mac",schemaPath:"#/properties/networks/additionalProperties/properties/mac/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err76];
}
else {
vErrors.push(err76);
}
errors++;
}
if(data53.aliases !== undefined){
let data57 = data53.aliases;
if(Array.isArray(data57)){
const len7 = data57.length;
for(let i7=0; i7<len7; i7++){
if(typeof data57[i7] !== "string"){
const err77 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1")+"/aliases/" + i7,schemaPath:"#/properties/networks/additionalProperties/properties/aliases/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err77];
}
else {
vErrors.push(err77);
}
errors++;
}
}
}
else {
const err78 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1")+"/aliases",schemaPath:"#/properties/networks/additionalProperties/properties/aliases/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err78];
}
else {
vErrors.push(err78);
}
errors++;
}
}
if(data53.interface !== undefined){
const err79 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1")+"/interface",schemaPath:"#/properties/networks/additionalProperties/properties/interface/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err79];
}
else {
vErrors.push(err79);
}
errors++;
}
if(data53.priority !== undefined){
const err80 = {instancePath:instancePath+"/networks/" + key10.replace(/~/g, "~0").replace(/\//g, "~1")+"/priority",schemaPath:"#/properties/networks/additionalProperties/properties/priority/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err80];
}
else {
vErrors.push(err80);
}
errors++;
}
}
}
}
}
if(data.networkMode !== undefined){
let data61 = data.networkMode;
if(typeof data61 !== "string"){
const err81 = {instancePath:instancePath+"/networkMode",schemaPath:"#/properties/networkMode/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err81];
}
else {
vErrors.push(err81);
}
errors++;
}
if(!(((data61 === "bridge") || (data61 === "host")) || (data61 === "none"))){
const err82 = {instancePath:instancePath+"/networkMode",schemaPath:"#/properties/networkMode/enum",keyword:"enum",params:{allowedValues: schema12.properties.networkMode.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err82];
}
else {
vErrors.push(err82);
}
errors++;
}
}
if(data.hostAliases !== undefined){
let data62 = data.hostAliases;
if(data62 && typeof data62 == "object" && !Array.isArray(data62)){
for(const key12 in data62){
if(typeof data62[key12] !== "string"){
const err83 = {instancePath:instancePath+"/hostAliases/" + key12.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/hostAliases/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err83];
}
else {
vErrors.push(err83);
}
errors++;
}
}
}
else {
const err84 = {instancePath:instancePath+"/hostAliases",schemaPath:"#/properties/hostAliases/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err84];
}
else {
vErrors.push(err84);
}
errors++;
}
}
if(data.dns !== undefined){
let data64 = data.dns;
if(data64 && typeof data64 == "object" && !Array.isArray(data64)){
for(const key13 in data64){
if(!(((key13 === "servers") || (key13 === "searches")) || (key13 === "options"))){
const err85 = {instancePath:instancePath+"/dns",schemaPath:"#/properties/dns/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key13},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err85];
}
else {
vErrors.push(err85);
}
errors++;
}
}
if(data64.servers !== undefined){
let data65 = data64.servers;
if(Array.isArray(data65)){
const len8 = data65.length;
for(let i8=0; i8<len8; i8++){
if(typeof data65[i8] !== "string"){
const err86 = {instancePath:instancePath+"/dns/servers/" + i8,schemaPath:"#/properties/dns/properties/servers/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err86];
}
else {
vErrors.push(err86);
}
errors++;
}
}
}
else {
const err87 = {instancePath:instancePath+"/dns/servers",schemaPath:"#/properties/dns/properties/servers/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err87];
}
else {
vErrors.push(err87);
}
errors++;
}
}
if(data64.searches !== undefined){
let data67 = data64.searches;
if(Array.isArray(data67)){
const len9 = data67.length;
for(let i9=0; i9<len9; i9++){
if(typeof data67[i9] !== "string"){
const err88 = {instancePath:instancePath+"/dns/searches/" + i9,schemaPath:"#/properties/dns/properties/searches/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err88];
}
else {
vErrors.push(err88);
}
errors++;
}
}
}
else {
const err89 = {instancePath:instancePath+"/dns/searches",schemaPath:"#/properties/dns/properties/searches/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err89];
}
else {
vErrors.push(err89);
}
errors++;
}
}
if(data64.options !== undefined){
let data69 = data64.options;
if(Array.isArray(data69)){
const len10 = data69.length;
for(let i10=0; i10<len10; i10++){
if(typeof data69[i10] !== "string"){
const err90 = {instancePath:instancePath+"/dns/options/" + i10,schemaPath:"#/properties/dns/properties/options/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err90];
}
else {
vErrors.push(err90);
}
errors++;
}
}
}
else {
const err91 = {instancePath:instancePath+"/dns/options",schemaPath:"#/properties/dns/properties/options/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err91];
}
else {
vErrors.push(err91);
}
errors++;
}
}
}
else {
const err92 = {instancePath:instancePath+"/dns",schemaPath:"#/properties/dns/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err92];
}
else {
vErrors.push(err92);
}
errors++;
}
}
if(data.mounts !== undefined){
let data71 = data.mounts;
if(Array.isArray(data71)){
const len11 = data71.length;
for(let i11=0; i11<len11; i11++){
let data72 = data71[i11];
if((!(data72 && typeof data72 == "object" && !Array.isArray(data72))) && (typeof data72 !== "string")){
const err93 = {instancePath:instancePath+"/mounts/" + i11,schemaPath:"#/properties/mounts/items/type",keyword:"type",params:{type: schema12.properties.mounts.items.type},message:"must be object,string"};
if(vErrors === null){
vErrors = [err93];
}
else {
vErrors.push(err93);
}
errors++;
}
if(data72 && typeof data72 == "object" && !Array.isArray(data72)){
if(data72.path === undefined){
const err94 = {instancePath:instancePath+"/mounts/" + i11,schemaPath:"#/properties/mounts/items/required",keyword:"required",params:{missingProperty: "path"},message:"must have required property '"+"path"+"'"};
if(vErrors === null){
vErrors = [err94];
}
else {
vErrors.push(err94);
}
errors++;
}
for(const key14 in data72){
if(!(func2.call(schema12.properties.mounts.items.properties, key14))){
const err95 = {instancePath:instancePath+"/mounts/" + i11,schemaPath:"#/properties/mounts/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key14},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err95];
}
else {
vErrors.push(err95);
}
errors++;
}
}
if(data72.volume !== undefined){
if(typeof data72.volume !== "string"){
const err96 = {instancePath:instancePath+"/mounts/" + i11+"/volume",schemaPath:"#/properties/mounts/items/properties/volume/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err96];
}
else {
vErrors.push(err96);
}
errors++;
}
}
if(data72.config !== undefined){
if(typeof data72.config !== "string"){
const err97 = {instancePath:instancePath+"/mounts/" + i11+"/config",schemaPath:"#/properties/mounts/items/properties/config/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err97];
}
else {
vErrors.push(err97);
}
errors++;
}
}
if(data72.secret !== undefined){
if(typeof data72.secret !== "string"){
const err98 = {instancePath:instancePath+"/mounts/" + i11+"/secret",schemaPath:"#/properties/mounts/items/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err98];
}
else {
vErrors.push(err98);
}
errors++;
}
}
if(data72.hostPath !== undefined){
if(typeof data72.hostPath !== "string"){
const err99 = {instancePath:instancePath+"/mounts/" + i11+"/hostPath",schemaPath:"#/properties/mounts/items/properties/hostPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err99];
}
else {
vErrors.push(err99);
}
errors++;
}
}
if(data72.tmpfs !== undefined){
let data77 = data72.tmpfs;
if((!(data77 && typeof data77 == "object" && !Array.isArray(data77))) && (data77 !== null)){
const err100 = {instancePath:instancePath+"/mounts/" + i11+"/tmpfs",schemaPath:"#/properties/mounts/items/properties/tmpfs/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.tmpfs.type},message:"must be object,null"};
if(vErrors === null){
vErrors = [err100];
}
else {
vErrors.push(err100);
}
errors++;
}
if(data77 && typeof data77 == "object" && !Array.isArray(data77)){
for(const key15 in data77){
if(!((key15 === "size") || (key15 === "mode"))){
const err101 = {instancePath:instancePath+"/mounts/" + i11+"/tmpfs",schemaPath:"#/properties/mounts/items/properties/tmpfs/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key15},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err101];
}
else {
vErrors.push(err101);
}
errors++;
}
}
if(data77.size !== undefined){
let data78 = data77.size;
if((typeof data78 !== "string") && (!((typeof data78 == "number") && (isFinite(data78))))){
const err102 = {instancePath:instancePath+"/mounts/" + i11+"/tmpfs/size",schemaPath:"#/properties/mounts/items/properties/tmpfs/properties/size/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.tmpfs.properties.size.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err102];
}
else {
vErrors.push(err102);
}
errors++;
}
}
if(data77.mode !== undefined){
let data79 = data77.mode;
if((typeof data79 !== "string") && (!(((typeof data79 == "number") && (!(data79 % 1) && !isNaN(data79))) && (isFinite(data79))))){
const err103 = {instancePath:instancePath+"/mounts/" + i11+"/tmpfs/mode",schemaPath:"#/properties/mounts/items/properties/tmpfs/properties/mode/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.tmpfs.properties.mode.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err103];
}
else {
vErrors.push(err103);
}
errors++;
}
}
}
}
if(data72.image !== undefined){
const err104 = {instancePath:instancePath+"/mounts/" + i11+"/image",schemaPath:"#/properties/mounts/items/properties/image/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err104];
}
else {
vErrors.push(err104);
}
errors++;
}
if(data72.path !== undefined){
if(typeof data72.path !== "string"){
const err105 = {instancePath:instancePath+"/mounts/" + i11+"/path",schemaPath:"#/properties/mounts/items/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err105];
}
else {
vErrors.push(err105);
}
errors++;
}
}
if(data72.subPath !== undefined){
if(typeof data72.subPath !== "string"){
const err106 = {instancePath:instancePath+"/mounts/" + i11+"/subPath",schemaPath:"#/properties/mounts/items/properties/subPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err106];
}
else {
vErrors.push(err106);
}
errors++;
}
}
if(data72.readOnly !== undefined){
if(typeof data72.readOnly !== "boolean"){
const err107 = {instancePath:instancePath+"/mounts/" + i11+"/readOnly",schemaPath:"#/properties/mounts/items/properties/readOnly/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err107];
}
else {
vErrors.push(err107);
}
errors++;
}
}
if(data72.size !== undefined){
let data84 = data72.size;
if((typeof data84 !== "string") && (!((typeof data84 == "number") && (isFinite(data84))))){
const err108 = {instancePath:instancePath+"/mounts/" + i11+"/size",schemaPath:"#/properties/mounts/items/properties/size/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.size.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err108];
}
else {
vErrors.push(err108);
}
errors++;
}
}
if(data72.mode !== undefined){
let data85 = data72.mode;
if((typeof data85 !== "string") && (!(((typeof data85 == "number") && (!(data85 % 1) && !isNaN(data85))) && (isFinite(data85))))){
const err109 = {instancePath:instancePath+"/mounts/" + i11+"/mode",schemaPath:"#/properties/mounts/items/properties/mode/type",keyword:"type",params:{type: schema12.properties.mounts.items.properties.mode.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err109];
}
else {
vErrors.push(err109);
}
errors++;
}
}
if(data72.create !== undefined){
if(typeof data72.create !== "boolean"){
const err110 = {instancePath:instancePath+"/mounts/" + i11+"/create",schemaPath:"#/properties/mounts/items/properties/create/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err110];
}
else {
vErrors.push(err110);
}
errors++;
}
}
if(data72.uid !== undefined){
let data87 = data72.uid;
if(!(((typeof data87 == "number") && (!(data87 % 1) && !isNaN(data87))) && (isFinite(data87)))){
const err111 = {instancePath:instancePath+"/mounts/" + i11+"/uid",schemaPath:"#/properties/mounts/items/properties/uid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err111];
}
else {
vErrors.push(err111);
}
errors++;
}
}
if(data72.gid !== undefined){
let data88 = data72.gid;
if(!(((typeof data88 == "number") && (!(data88 % 1) && !isNaN(data88))) && (isFinite(data88)))){
const err112 = {instancePath:instancePath+"/mounts/" + i11+"/gid",schemaPath:"#/properties/mounts/items/properties/gid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err112];
}
else {
vErrors.push(err112);
}
errors++;
}
}
if(data72.onChange !== undefined){
const err113 = {instancePath:instancePath+"/mounts/" + i11+"/onChange",schemaPath:"#/properties/mounts/items/properties/onChange/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err113];
}
else {
vErrors.push(err113);
}
errors++;
}
}
}
}
else {
const err114 = {instancePath:instancePath+"/mounts",schemaPath:"#/properties/mounts/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err114];
}
else {
vErrors.push(err114);
}
errors++;
}
}
if(data.resources !== undefined){
let data90 = data.resources;
if(data90 && typeof data90 == "object" && !Array.isArray(data90)){
for(const key16 in data90){
if(!((key16 === "limits") || (key16 === "requests"))){
const err115 = {instancePath:instancePath+"/resources",schemaPath:"#/properties/resources/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key16},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err115];
}
else {
vErrors.push(err115);
}
errors++;
}
}
if(data90.limits !== undefined){
let data91 = data90.limits;
if(data91 && typeof data91 == "object" && !Array.isArray(data91)){
for(const key17 in data91){
if(!((((((key17 === "cpu") || (key17 === "memory")) || (key17 === "pids")) || (key17 === "swap")) || (key17 === "cpuset")) || (key17 === "io"))){
const err116 = {instancePath:instancePath+"/resources/limits",schemaPath:"#/properties/resources/properties/limits/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key17},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err116];
}
else {
vErrors.push(err116);
}
errors++;
}
}
if(data91.cpu !== undefined){
let data92 = data91.cpu;
if((typeof data92 !== "string") && (!((typeof data92 == "number") && (isFinite(data92))))){
const err117 = {instancePath:instancePath+"/resources/limits/cpu",schemaPath:"#/properties/resources/properties/limits/properties/cpu/type",keyword:"type",params:{type: schema12.properties.resources.properties.limits.properties.cpu.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err117];
}
else {
vErrors.push(err117);
}
errors++;
}
}
if(data91.memory !== undefined){
let data93 = data91.memory;
if((typeof data93 !== "string") && (!((typeof data93 == "number") && (isFinite(data93))))){
const err118 = {instancePath:instancePath+"/resources/limits/memory",schemaPath:"#/properties/resources/properties/limits/properties/memory/type",keyword:"type",params:{type: schema12.properties.resources.properties.limits.properties.memory.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err118];
}
else {
vErrors.push(err118);
}
errors++;
}
}
if(data91.pids !== undefined){
let data94 = data91.pids;
if(!(((typeof data94 == "number") && (!(data94 % 1) && !isNaN(data94))) && (isFinite(data94)))){
const err119 = {instancePath:instancePath+"/resources/limits/pids",schemaPath:"#/properties/resources/properties/limits/properties/pids/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err119];
}
else {
vErrors.push(err119);
}
errors++;
}
if((typeof data94 == "number") && (isFinite(data94))){
if(data94 < 1 || isNaN(data94)){
const err120 = {instancePath:instancePath+"/resources/limits/pids",schemaPath:"#/properties/resources/properties/limits/properties/pids/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err120];
}
else {
vErrors.push(err120);
}
errors++;
}
}
}
if(data91.swap !== undefined){
const err121 = {instancePath:instancePath+"/resources/limits/swap",schemaPath:"#/properties/resources/properties/limits/properties/swap/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err121];
}
else {
vErrors.push(err121);
}
errors++;
}
if(data91.cpuset !== undefined){
const err122 = {instancePath:instancePath+"/resources/limits/cpuset",schemaPath:"#/properties/resources/properties/limits/properties/cpuset/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err122];
}
else {
vErrors.push(err122);
}
errors++;
}
if(data91.io !== undefined){
const err123 = {instancePath:instancePath+"/resources/limits/io",schemaPath:"#/properties/resources/properties/limits/properties/io/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err123];
}
else {
vErrors.push(err123);
}
errors++;
}
}
else {
const err124 = {instancePath:instancePath+"/resources/limits",schemaPath:"#/properties/resources/properties/limits/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err124];
}
else {
vErrors.push(err124);
}
errors++;
}
}
if(data90.requests !== undefined){
const err125 = {instancePath:instancePath+"/resources/requests",schemaPath:"#/properties/resources/properties/requests/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err125];
}
else {
vErrors.push(err125);
}
errors++;
}
}
else {
const err126 = {instancePath:instancePath+"/resources",schemaPath:"#/properties/resources/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err126];
}
else {
vErrors.push(err126);
}
errors++;
}
}
if(data.security !== undefined){
let data99 = data.security;
if(typeof data99 !== "string"){
const err127 = {instancePath:instancePath+"/security",schemaPath:"#/properties/security/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err127];
}
else {
vErrors.push(err127);
}
errors++;
}
if(!((data99 === "baseline") || (data99 === "privileged"))){
const err128 = {instancePath:instancePath+"/security",schemaPath:"#/properties/security/enum",keyword:"enum",params:{allowedValues: schema12.properties.security.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err128];
}
else {
vErrors.push(err128);
}
errors++;
}
}
if(data.securityContext !== undefined){
let data100 = data.securityContext;
if(data100 && typeof data100 == "object" && !Array.isArray(data100)){
for(const key18 in data100){
if(!(func2.call(schema12.properties.securityContext.properties, key18))){
const err129 = {instancePath:instancePath+"/securityContext",schemaPath:"#/properties/securityContext/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key18},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err129];
}
else {
vErrors.push(err129);
}
errors++;
}
}
if(data100.runAsUser !== undefined){
let data101 = data100.runAsUser;
if(!(((typeof data101 == "number") && (!(data101 % 1) && !isNaN(data101))) && (isFinite(data101)))){
const err130 = {instancePath:instancePath+"/securityContext/runAsUser",schemaPath:"#/properties/securityContext/properties/runAsUser/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err130];
}
else {
vErrors.push(err130);
}
errors++;
}
if((typeof data101 == "number") && (isFinite(data101))){
if(data101 > 4294967294 || isNaN(data101)){
const err131 = {instancePath:instancePath+"/securityContext/runAsUser",schemaPath:"#/properties/securityContext/properties/runAsUser/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err131];
}
else {
vErrors.push(err131);
}
errors++;
}
if(data101 < 0 || isNaN(data101)){
const err132 = {instancePath:instancePath+"/securityContext/runAsUser",schemaPath:"#/properties/securityContext/properties/runAsUser/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err132];
}
else {
vErrors.push(err132);
}
errors++;
}
}
}
if(data100.runAsGroup !== undefined){
let data102 = data100.runAsGroup;
if(!(((typeof data102 == "number") && (!(data102 % 1) && !isNaN(data102))) && (isFinite(data102)))){
const err133 = {instancePath:instancePath+"/securityContext/runAsGroup",schemaPath:"#/properties/securityContext/properties/runAsGroup/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err133];
}
else {
vErrors.push(err133);
}
errors++;
}
if((typeof data102 == "number") && (isFinite(data102))){
if(data102 > 4294967294 || isNaN(data102)){
const err134 = {instancePath:instancePath+"/securityContext/runAsGroup",schemaPath:"#/properties/securityContext/properties/runAsGroup/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err134];
}
else {
vErrors.push(err134);
}
errors++;
}
if(data102 < 0 || isNaN(data102)){
const err135 = {instancePath:instancePath+"/securityContext/runAsGroup",schemaPath:"#/properties/securityContext/properties/runAsGroup/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err135];
}
else {
vErrors.push(err135);
}
errors++;
}
}
}
if(data100.runAsNonRoot !== undefined){
if(typeof data100.runAsNonRoot !== "boolean"){
const err136 = {instancePath:instancePath+"/securityContext/runAsNonRoot",schemaPath:"#/properties/securityContext/properties/runAsNonRoot/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err136];
}
else {
vErrors.push(err136);
}
errors++;
}
}
if(data100.readOnlyRootFilesystem !== undefined){
if(typeof data100.readOnlyRootFilesystem !== "boolean"){
const err137 = {instancePath:instancePath+"/securityContext/readOnlyRootFilesystem",schemaPath:"#/properties/securityContext/properties/readOnlyRootFilesystem/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err137];
}
else {
vErrors.push(err137);
}
errors++;
}
}
if(data100.privileged !== undefined){
if(typeof data100.privileged !== "boolean"){
const err138 = {instancePath:instancePath+"/securityContext/privileged",schemaPath:"#/properties/securityContext/properties/privileged/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err138];
}
else {
vErrors.push(err138);
}
errors++;
}
}
if(data100.allowPrivilegeEscalation !== undefined){
if(typeof data100.allowPrivilegeEscalation !== "boolean"){
const err139 = {instancePath:instancePath+"/securityContext/allowPrivilegeEscalation",schemaPath:"#/properties/securityContext/properties/allowPrivilegeEscalation/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err139];
}
else {
vErrors.push(err139);
}
errors++;
}
}
if(data100.capabilities !== undefined){
let data107 = data100.capabilities;
if(data107 && typeof data107 == "object" && !Array.isArray(data107)){
for(const key19 in data107){
if(!((key19 === "add") || (key19 === "drop"))){
const err140 = {instancePath:instancePath+"/securityContext/capabilities",schemaPath:"#/properties/securityContext/properties/capabilities/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key19},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err140];
}
else {
vErrors.push(err140);
}
errors++;
}
}
if(data107.add !== undefined){
let data108 = data107.add;
if(Array.isArray(data108)){
const len12 = data108.length;
for(let i12=0; i12<len12; i12++){
if(typeof data108[i12] !== "string"){
const err141 = {instancePath:instancePath+"/securityContext/capabilities/add/" + i12,schemaPath:"#/properties/securityContext/properties/capabilities/properties/add/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err141];
}
else {
vErrors.push(err141);
}
errors++;
}
}
}
else {
const err142 = {instancePath:instancePath+"/securityContext/capabilities/add",schemaPath:"#/properties/securityContext/properties/capabilities/properties/add/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err142];
}
else {
vErrors.push(err142);
}
errors++;
}
}
if(data107.drop !== undefined){
let data110 = data107.drop;
if(Array.isArray(data110)){
const len13 = data110.length;
for(let i13=0; i13<len13; i13++){
if(typeof data110[i13] !== "string"){
const err143 = {instancePath:instancePath+"/securityContext/capabilities/drop/" + i13,schemaPath:"#/properties/securityContext/properties/capabilities/properties/drop/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err143];
}
else {
vErrors.push(err143);
}
errors++;
}
}
}
else {
const err144 = {instancePath:instancePath+"/securityContext/capabilities/drop",schemaPath:"#/properties/securityContext/properties/capabilities/properties/drop/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err144];
}
else {
vErrors.push(err144);
}
errors++;
}
}
}
else {
const err145 = {instancePath:instancePath+"/securityContext/capabilities",schemaPath:"#/properties/securityContext/properties/capabilities/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err145];
}
else {
vErrors.push(err145);
}
errors++;
}
}
if(data100.seccompProfile !== undefined){
let data112 = data100.seccompProfile;
if(data112 && typeof data112 == "object" && !Array.isArray(data112)){
for(const key20 in data112){
if(!(key20 === "type")){
const err146 = {instancePath:instancePath+"/securityContext/seccompProfile",schemaPath:"#/properties/securityContext/properties/seccompProfile/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key20},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err146];
}
else {
vErrors.push(err146);
}
errors++;
}
}
if(data112.type !== undefined){
let data113 = data112.type;
if(typeof data113 !== "string"){
const err147 = {instancePath:instancePath+"/securityContext/seccompProfile/type",schemaPath:"#/properties/securityContext/properties/seccompProfile/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err147];
}
else {
vErrors.push(err147);
}
errors++;
}
if(!((data113 === "RuntimeDefault") || (data113 === "Unconfined"))){
const err148 = {instancePath:instancePath+"/securityContext/seccompProfile/type",schemaPath:"#/properties/securityContext/properties/seccompProfile/properties/type/enum",keyword:"enum",params:{allowedValues: schema12.properties.securityContext.properties.seccompProfile.properties.type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err148];
}
else {
vErrors.push(err148);
}
errors++;
}
}
}
else {
const err149 = {instancePath:instancePath+"/securityContext/seccompProfile",schemaPath:"#/properties/securityContext/properties/seccompProfile/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err149];
}
else {
vErrors.push(err149);
}
errors++;
}
}
if(data100.appArmorProfile !== undefined){
const err150 = {instancePath:instancePath+"/securityContext/appArmorProfile",schemaPath:"#/properties/securityContext/properties/appArmorProfile/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err150];
}
else {
vErrors.push(err150);
}
errors++;
}
if(data100.userNamespace !== undefined){
const err151 = {instancePath:instancePath+"/securityContext/userNamespace",schemaPath:"#/properties/securityContext/properties/userNamespace/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err151];
}
else {
vErrors.push(err151);
}
errors++;
}
if(data100.sysctls !== undefined){
let data116 = data100.sysctls;
if(data116 && typeof data116 == "object" && !Array.isArray(data116)){
for(const key21 in data116){
if(typeof data116[key21] !== "string"){
const err152 = {instancePath:instancePath+"/securityContext/sysctls/" + key21.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/securityContext/properties/sysctls/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err152];
}
else {
vErrors.push(err152);
}
errors++;
}
}
}
else {
const err153 = {instancePath:instancePath+"/securityContext/sysctls",schemaPath:"#/properties/securityContext/properties/sysctls/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err153];
}
else {
vErrors.push(err153);
}
errors++;
}
}
}
else {
const err154 = {instancePath:instancePath+"/securityContext",schemaPath:"#/properties/securityContext/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err154];
}
else {
vErrors.push(err154);
}
errors++;
}
}
if(data.hostPID !== undefined){
const err155 = {instancePath:instancePath+"/hostPID",schemaPath:"#/properties/hostPID/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err155];
}
else {
vErrors.push(err155);
}
errors++;
}
if(data.hostIPC !== undefined){
const err156 = {instancePath:instancePath+"/hostIPC",schemaPath:"#/properties/hostIPC/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err156];
}
else {
vErrors.push(err156);
}
errors++;
}
if(data.ulimits !== undefined){
const err157 = {instancePath:instancePath+"/ulimits",schemaPath:"#/properties/ulimits/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err157];
}
else {
vErrors.push(err157);
}
errors++;
}
if(data.oomScoreAdj !== undefined){
const err158 = {instancePath:instancePath+"/oomScoreAdj",schemaPath:"#/properties/oomScoreAdj/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err158];
}
else {
vErrors.push(err158);
}
errors++;
}
if(data.shmSize !== undefined){
let data122 = data.shmSize;
if((typeof data122 !== "string") && (!((typeof data122 == "number") && (isFinite(data122))))){
const err159 = {instancePath:instancePath+"/shmSize",schemaPath:"#/properties/shmSize/type",keyword:"type",params:{type: schema12.properties.shmSize.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err159];
}
else {
vErrors.push(err159);
}
errors++;
}
}
if(data.devices !== undefined){
const err160 = {instancePath:instancePath+"/devices",schemaPath:"#/properties/devices/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err160];
}
else {
vErrors.push(err160);
}
errors++;
}
if(data.gpus !== undefined){
const err161 = {instancePath:instancePath+"/gpus",schemaPath:"#/properties/gpus/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err161];
}
else {
vErrors.push(err161);
}
errors++;
}
if(data.startupProbe !== undefined){
let data125 = data.startupProbe;
if(data125 && typeof data125 == "object" && !Array.isArray(data125)){
for(const key22 in data125){
if(!(func2.call(schema12.properties.startupProbe.properties, key22))){
const err162 = {instancePath:instancePath+"/startupProbe",schemaPath:"#/properties/startupProbe/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key22},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err162];
}
else {
vErrors.push(err162);
}
errors++;
}
}
if(data125.exec !== undefined){
let data126 = data125.exec;
if(Array.isArray(data126)){
const len14 = data126.length;
for(let i14=0; i14<len14; i14++){
if(typeof data126[i14] !== "string"){
const err163 = {instancePath:instancePath+"/startupProbe/exec/" + i14,schemaPath:"#/properties/startupProbe/properties/exec/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err163];
}
else {
vErrors.push(err163);
}
errors++;
}
}
}
else {
const err164 = {instancePath:instancePath+"/startupProbe/exec",schemaPath:"#/properties/startupProbe/properties/exec/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err164];
}
else {
vErrors.push(err164);
}
errors++;
}
}
if(data125.httpGet !== undefined){
let data128 = data125.httpGet;
if(data128 && typeof data128 == "object" && !Array.isArray(data128)){
if(data128.port === undefined){
const err165 = {instancePath:instancePath+"/startupProbe/httpGet",schemaPath:"#/properties/startupProbe/properties/httpGet/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err165];
}
else {
vErrors.push(err165);
}
errors++;
}
for(const key23 in data128){
if(!((((key23 === "path") || (key23 === "port")) || (key23 === "scheme")) || (key23 === "headers"))){
const err166 = {instancePath:instancePath+"/startupProbe/httpGet",schemaPath:"#/properties/startupProbe/properties/httpGet/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key23},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err166];
}
else {
vErrors.push(err166);
}
errors++;
}
}
if(data128.path !== undefined){
if(typeof data128.path !== "string"){
const err167 = {instancePath:instancePath+"/startupProbe/httpGet/path",schemaPath:"#/properties/startupProbe/properties/httpGet/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err167];
}
else {
vErrors.push(err167);
}
errors++;
}
}
if(data128.port !== undefined){
let data130 = data128.port;
if((!(((typeof data130 == "number") && (!(data130 % 1) && !isNaN(data130))) && (isFinite(data130)))) && (typeof data130 !== "string")){
const err168 = {instancePath:instancePath+"/startupProbe/httpGet/port",schemaPath:"#/properties/startupProbe/properties/httpGet/properties/port/type",keyword:"type",params:{type: schema12.properties.startupProbe.properties.httpGet.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err168];
}
else {
vErrors.push(err168);
}
errors++;
}
}
if(data128.scheme !== undefined){
let data131 = data128.scheme;
if(typeof data131 !== "string"){
const err169 = {instancePath:instancePath+"/startupProbe/httpGet/scheme",schemaPath:"#/properties/startupProbe/properties/httpGet/properties/scheme/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err169];
}
else {
vErrors.push(err169);
}
errors++;
}
if(!((data131 === "HTTP") || (data131 === "HTTPS"))){
const err170 = {instancePath:instancePath+"/startupProbe/httpGet/scheme",schemaPath:"#/properties/startupProbe/properties/httpGet/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema12.properties.startupProbe.properties.httpGet.properties.scheme.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err170];
}
else {
vErrors.push(err170);
}
errors++;
}
}
if(data128.headers !== undefined){
let data132 = data128.headers;
if(data132 && typeof data132 == "object" && !Array.isArray(data132)){
for(const key24 in data132){
if(typeof data132[key24] !== "string"){
const err171 = {instancePath:instancePath+"/startupProbe/httpGet/headers/" + key24.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/startupProbe/properties/httpGet/properties/headers/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err171];
}
else {
vErrors.push(err171);
}
errors++;
}
}
}
else {
const err172 = {instancePath:instancePath+"/startupProbe/httpGet/headers",schemaPath:"#/properties/startupProbe/properties/httpGet/properties/headers/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err172];
}
else {
vErrors.push(err172);
}
errors++;
}
}
}
else {
const err173 = {instancePath:instancePath+"/startupProbe/httpGet",schemaPath:"#/properties/startupProbe/properties/httpGet/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err173];
}
else {
vErrors.push(err173);
}
errors++;
}
}
if(data125.tcpSocket !== undefined){
let data134 = data125.tcpSocket;
if(data134 && typeof data134 == "object" && !Array.isArray(data134)){
if(data134.port === undefined){
const err174 = {instancePath:instancePath+"/startupProbe/tcpSocket",schemaPath:"#/properties/startupProbe/properties/tcpSocket/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err174];
}
else {
vErrors.push(err174);
}
errors++;
}
for(const key25 in data134){
if(!(key25 === "port")){
const err175 = {instancePath:instancePath+"/startupProbe/tcpSocket",schemaPath:"#/properties/startupProbe/properties/tcpSocket/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key25},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err175];
}
else {
vErrors.push(err175);
}
errors++;
}
}
if(data134.port !== undefined){
let data135 = data134.port;
if((!(((typeof data135 == "number") && (!(data135 % 1) && !isNaN(data135))) && (isFinite(data135)))) && (typeof data135 !== "string")){
const err176 = {instancePath:instancePath+"/startupProbe/tcpSocket/port",schemaPath:"#/properties/startupProbe/properties/tcpSocket/properties/port/type",keyword:"type",params:{type: schema12.properties.startupProbe.properties.tcpSocket.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err176];
}
else {
vErrors.push(err176);
}
errors++;
}
}
}
else {
const err177 = {instancePath:instancePath+"/startupProbe/tcpSocket",schemaPath:"#/properties/startupProbe/properties/tcpSocket/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err177];
}
else {
vErrors.push(err177);
}
errors++;
}
}
if(data125.grpc !== undefined){
let data136 = data125.grpc;
if(data136 && typeof data136 == "object" && !Array.isArray(data136)){
if(data136.port === undefined){
const err178 = {instancePath:instancePath+"/startupProbe/grpc",schemaPath:"#/properties/startupProbe/properties/grpc/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err178];
}
else {
vErrors.push(err178);
}
errors++;
}
for(const key26 in data136){
if(!((key26 === "port") || (key26 === "service"))){
const err179 = {instancePath:instancePath+"/startupProbe/grpc",schemaPath:"#/properties/startupProbe/properties/grpc/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key26},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err179];
}
else {
vErrors.push(err179);
}
errors++;
}
}
if(data136.port !== undefined){
let data137 = data136.port;
if((!(((typeof data137 == "number") && (!(data137 % 1) && !isNaN(data137))) && (isFinite(data137)))) && (typeof data137 !== "string")){
const err180 = {instancePath:instancePath+"/startupProbe/grpc/port",schemaPath:"#/properties/startupProbe/properties/grpc/properties/port/type",keyword:"type",params:{type: schema12.properties.startupProbe.properties.grpc.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err180];
}
else {
vErrors.push(err180);
}
errors++;
}
}
if(data136.service !== undefined){
if(typeof data136.service !== "string"){
const err181 = {instancePath:instancePath+"/startupProbe/grpc/service",schemaPath:"#/properties/startupProbe/properties/grpc/properties/service/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err181];
}
else {
vErrors.push(err181);
}
errors++;
}
}
}
else {
const err182 = {instancePath:instancePath+"/startupProbe/grpc",schemaPath:"#/properties/startupProbe/properties/grpc/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err182];
}
else {
vErrors.push(err182);
}
errors++;
}
}
if(data125.initialDelaySeconds !== undefined){
let data139 = data125.initialDelaySeconds;
if(!(((typeof data139 == "number") && (!(data139 % 1) && !isNaN(data139))) && (isFinite(data139)))){
const err183 = {instancePath:instancePath+"/startupProbe/initialDelaySeconds",schemaPath:"#/properties/startupProbe/properties/initialDelaySeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err183];
}
else {
vErrors.push(err183);
}
errors++;
}
if((typeof data139 == "number") && (isFinite(data139))){
if(data139 < 0 || isNaN(data139)){
const err184 = {instancePath:instancePath+"/startupProbe/initialDelaySeconds",schemaPath:"#/properties/startupProbe/properties/initialDelaySeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err184];
}
else {
vErrors.push(err184);
}
errors++;
}
}
}
if(data125.periodSeconds !== undefined){
let data140 = data125.periodSeconds;
if(!(((typeof data140 == "number") && (!(data140 % 1) && !isNaN(data140))) && (isFinite(data140)))){
const err185 = {instancePath:instancePath+"/startupProbe/periodSeconds",schemaPath:"#/properties/startupProbe/properties/periodSeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err185];
}
else {
vErrors.push(err185);
}
errors++;
}
if((typeof data140 == "number") && (isFinite(data140))){
if(data140 < 1 || isNaN(data140)){
const err186 = {instancePath:instancePath+"/startupProbe/periodSeconds",schemaPath:"#/properties/startupProbe/properties/periodSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err186];
}
else {
vErrors.push(err186);
}
errors++;
}
}
}
if(data125.period !== undefined){
let data141 = data125.period;
if((typeof data141 !== "string") && (!((typeof data141 == "number") && (isFinite(data141))))){
const err187 = {instancePath:instancePath+"/startupProbe/period",schemaPath:"#/properties/startupProbe/properties/period/type",keyword:"type",params:{type: schema12.properties.startupProbe.properties.period.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err187];
}
else {
vErrors.push(err187);
}
errors++;
}
}
if(data125.timeoutSeconds !== undefined){
let data142 = data125.timeoutSeconds;
if(!(((typeof data142 == "number") && (!(data142 % 1) && !isNaN(data142))) && (isFinite(data142)))){
const err188 = {instancePath:instancePath+"/startupProbe/timeoutSeconds",schemaPath:"#/properties/startupProbe/properties/timeoutSeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err188];
}
else {
vErrors.push(err188);
}
errors++;
}
if((typeof data142 == "number") && (isFinite(data142))){
if(data142 < 1 || isNaN(data142)){
const err189 = {instancePath:instancePath+"/startupProbe/timeoutSeconds",schemaPath:"#/properties/startupProbe/properties/timeoutSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err189];
}
else {
vErrors.push(err189);
}
errors++;
}
}
}
if(data125.timeout !== undefined){
let data143 = data125.timeout;
if((typeof data143 !== "string") && (!((typeof data143 == "number") && (isFinite(data143))))){
const err190 = {instancePath:instancePath+"/startupProbe/timeout",schemaPath:"#/properties/startupProbe/properties/timeout/type",keyword:"type",params:{type: schema12.properties.startupProbe.properties.timeout.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err190];
}
else {
vErrors.push(err190);
}
errors++;
}
}
if(data125.successThreshold !== undefined){
let data144 = data125.successThreshold;
if(!(((typeof data144 == "number") && (!(data144 % 1) && !isNaN(data144))) && (isFinite(data144)))){
const err191 = {instancePath:instancePath+"/startupProbe/successThreshold",schemaPath:"#/properties/startupProbe/properties/successThreshold/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err191];
}
else {
vErrors.push(err191);
}
errors++;
}
if((typeof data144 == "number") && (isFinite(data144))){
if(data144 < 1 || isNaN(data144)){
const err192 = {instancePath:instancePath+"/startupProbe/successThreshold",schemaPath:"#/properties/startupProbe/properties/successThreshold/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err192];
}
else {
vErrors.push(err192);
}
errors++;
}
}
}
if(data125.failureThreshold !== undefined){
let data145 = data125.failureThreshold;
if(!(((typeof data145 == "number") && (!(data145 % 1) && !isNaN(data145))) && (isFinite(data145)))){
const err193 = {instancePath:instancePath+"/startupProbe/failureThreshold",schemaPath:"#/properties/startupProbe/properties/failureThreshold/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err193];
}
else {
vErrors.push(err193);
}
errors++;
}
if((typeof data145 == "number") && (isFinite(data145))){
if(data145 < 1 || isNaN(data145)){
const err194 = {instancePath:instancePath+"/startupProbe/failureThreshold",schemaPath:"#/properties/startupProbe/properties/failureThreshold/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err194];
}
else {
vErrors.push(err194);
}
errors++;
}
}
}
if(data125.terminationGracePeriodSeconds !== undefined){
let data146 = data125.terminationGracePeriodSeconds;
if((!((typeof data146 == "number") && (isFinite(data146)))) && (typeof data146 !== "string")){
const err195 = {instancePath:instancePath+"/startupProbe/terminationGracePeriodSeconds",schemaPath:"#/properties/startupProbe/properties/terminationGracePeriodSeconds/type",keyword:"type",params:{type: schema12.properties.startupProbe.properties.terminationGracePeriodSeconds.type},message:"must be number,string"};
if(vErrors === null){
vErrors = [err195];
}
else {
vErrors.push(err195);
}
errors++;
}
}
}
else {
const err196 = {instancePath:instancePath+"/startupProbe",schemaPath:"#/properties/startupProbe/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err196];
}
else {
vErrors.push(err196);
}
errors++;
}
}
if(data.readinessProbe !== undefined){
let data147 = data.readinessProbe;
if(data147 && typeof data147 == "object" && !Array.isArray(data147)){
for(const key27 in data147){
if(!(func2.call(schema12.properties.readinessProbe.properties, key27))){
const err197 = {instancePath:instancePath+"/readinessProbe",schemaPath:"#/properties/readinessProbe/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key27},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err197];
}
else {
vErrors.push(err197);
}
errors++;
}
}
if(data147.exec !== undefined){
let data148 = data147.exec;
if(Array.isArray(data148)){
const len15 = data148.length;
for(let i15=0; i15<len15; i15++){
if(typeof data148[i15] !== "string"){
const err198 = {instancePath:instancePath+"/readinessProbe/exec/" + i15,schemaPath:"#/properties/readinessProbe/properties/exec/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err198];
}
else {
vErrors.push(err198);
}
errors++;
}
}
}
else {
const err199 = {instancePath:instancePath+"/readinessProbe/exec",schemaPath:"#/properties/readinessProbe/properties/exec/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err199];
}
else {
vErrors.push(err199);
}
errors++;
}
}
if(data147.httpGet !== undefined){
let data150 = data147.httpGet;
if(data150 && typeof data150 == "object" && !Array.isArray(data150)){
if(data150.port === undefined){
const err200 = {instancePath:instancePath+"/readinessProbe/httpGet",schemaPath:"#/properties/readinessProbe/properties/httpGet/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err200];
}
else {
vErrors.push(err200);
}
errors++;
}
for(const key28 in data150){
if(!((((key28 === "path") || (key28 === "port")) || (key28 === "scheme")) || (key28 === "headers"))){
const err201 = {instancePath:instancePath+"/readinessProbe/httpGet",schemaPath:"#/properties/readinessProbe/properties/httpGet/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key28},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err201];
}
else {
vErrors.push(err201);
}
errors++;
}
}
if(data150.path !== undefined){
if(typeof data150.path !== "string"){
const err202 = {instancePath:instancePath+"/readinessProbe/httpGet/path",schemaPath:"#/properties/readinessProbe/properties/httpGet/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err202];
}
else {
vErrors.push(err202);
}
errors++;
}
}
if(data150.port !== undefined){
let data152 = data150.port;
if((!(((typeof data152 == "number") && (!(data152 % 1) && !isNaN(data152))) && (isFinite(data152)))) && (typeof data152 !== "string")){
const err203 = {instancePath:instancePath+"/readinessProbe/httpGet/port",schemaPath:"#/properties/readinessProbe/properties/httpGet/properties/port/type",keyword:"type",params:{type: schema12.properties.readinessProbe.properties.httpGet.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err203];
}
else {
vErrors.push(err203);
}
errors++;
}
}
if(data150.scheme !== undefined){
let data153 = data150.scheme;
if(typeof data153 !== "string"){
const err204 = {instancePath:instancePath+"/readinessProbe/httpGet/scheme",schemaPath:"#/properties/readinessProbe/properties/httpGet/properties/scheme/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err204];
}
else {
vErrors.push(err204);
}
errors++;
}
if(!((data153 === "HTTP") || (data153 === "HTTPS"))){
const err205 = {instancePath:instancePath+"/readinessProbe/httpGet/scheme",schemaPath:"#/properties/readinessProbe/properties/httpGet/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema12.properties.readinessProbe.properties.httpGet.properties.scheme.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err205];
}
else {
vErrors.push(err205);
}
errors++;
}
}
if(data150.headers !== undefined){
let data154 = data150.headers;
if(data154 && typeof data154 == "object" && !Array.isArray(data154)){
for(const key29 in data154){
if(typeof data154[key29] !== "string"){
const err206 = {instancePath:instancePath+"/readinessProbe/httpGet/headers/" + key29.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/readinessProbe/properties/httpGet/properties/headers/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err206];
}
else {
vErrors.push(err206);
}
errors++;
}
}
}
else {
const err207 = {instancePath:instancePath+"/readinessProbe/httpGet/headers",schemaPath:"#/properties/readinessProbe/properties/httpGet/properties/headers/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err207];
}
else {
vErrors.push(err207);
}
errors++;
}
}
}
else {
const err208 = {instancePath:instancePath+"/readinessProbe/httpGet",schemaPath:"#/properties/readinessProbe/properties/httpGet/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err208];
}
else {
vErrors.push(err208);
}
errors++;
}
}
if(data147.tcpSocket !== undefined){
let data156 = data147.tcpSocket;
if(data156 && typeof data156 == "object" && !Array.isArray(data156)){
if(data156.port === undefined){
const err209 = {instancePath:instancePath+"/readinessProbe/tcpSocket",schemaPath:"#/properties/readinessProbe/properties/tcpSocket/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err209];
}
else {
vErrors.push(err209);
}
errors++;
}
for(const key30 in data156){
if(!(key30 === "port")){
const err210 = {instancePath:instancePath+"/readinessProbe/tcpSocket",schemaPath:"#/properties/readinessProbe/properties/tcpSocket/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key30},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err210];
}
else {
vErrors.push(err210);
}
errors++;
}
}
if(data156.port !== undefined){
let data157 = data156.port;
if((!(((typeof data157 == "number") && (!(data157 % 1) && !isNaN(data157))) && (isFinite(data157)))) && (typeof data157 !== "string")){
const err211 = {instancePath:instancePath+"/readinessProbe/tcpSocket/port",schemaPath:"#/properties/readinessProbe/properties/tcpSocket/properties/port/type",keyword:"type",params:{type: schema12.properties.readinessProbe.properties.tcpSocket.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err211];
}
else {
vErrors.push(err211);
}
errors++;
}
}
}
else {
const err212 = {instancePath:instancePath+"/readinessProbe/tcpSocket",schemaPath:"#/properties/readinessProbe/properties/tcpSocket/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err212];
}
else {
vErrors.push(err212);
}
errors++;
}
}
if(data147.grpc !== undefined){
let data158 = data147.grpc;
if(data158 && typeof data158 == "object" && !Array.isArray(data158)){
if(data158.port === undefined){
const err213 = {instancePath:instancePath+"/readinessProbe/grpc",schemaPath:"#/properties/readinessProbe/properties/grpc/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err213];
}
else {
vErrors.push(err213);
}
errors++;
}
for(const key31 in data158){
if(!((key31 === "port") || (key31 === "service"))){
const err214 = {instancePath:instancePath+"/readinessProbe/grpc",schemaPath:"#/properties/readinessProbe/properties/grpc/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key31},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err214];
}
else {
vErrors.push(err214);
}
errors++;
}
}
if(data158.port !== undefined){
let data159 = data158.port;
if((!(((typeof data159 == "number") && (!(data159 % 1) && !isNaN(data159))) && (isFinite(data159)))) && (typeof data159 !== "string")){
const err215 = {instancePath:instancePath+"/readinessProbe/grpc/port",schemaPath:"#/properties/readinessProbe/properties/grpc/properties/port/type",keyword:"type",params:{type: schema12.properties.readinessProbe.properties.grpc.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err215];
}
else {
vErrors.push(err215);
}
errors++;
}
}
if(data158.service !== undefined){
if(typeof data158.service !== "string"){
const err216 = {instancePath:instancePath+"/readinessProbe/grpc/service",schemaPath:"#/properties/readinessProbe/properties/grpc/properties/service/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err216];
}
else {
vErrors.push(err216);
}
errors++;
}
}
}
else {
const err217 = {instancePath:instancePath+"/readinessProbe/grpc",schemaPath:"#/properties/readinessProbe/properties/grpc/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err217];
}
else {
vErrors.push(err217);
}
errors++;
}
}
if(data147.initialDelaySeconds !== undefined){
let data161 = data147.initialDelaySeconds;
if(!(((typeof data161 == "number") && (!(data161 % 1) && !isNaN(data161))) && (isFinite(data161)))){
const err218 = {instancePath:instancePath+"/readinessProbe/initialDelaySeconds",schemaPath:"#/properties/readinessProbe/properties/initialDelaySeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err218];
}
else {
vErrors.push(err218);
}
errors++;
}
if((typeof data161 == "number") && (isFinite(data161))){
if(data161 < 0 || isNaN(data161)){
const err219 = {instancePath:instancePath+"/readinessProbe/initialDelaySeconds",schemaPath:"#/properties/readinessProbe/properties/initialDelaySeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err219];
}
else {
vErrors.push(err219);
}
errors++;
}
}
}
if(data147.periodSeconds !== undefined){
let data162 = data147.periodSeconds;
if(!(((typeof data162 == "number") && (!(data162 % 1) && !isNaN(data162))) && (isFinite(data162)))){
const err220 = {instancePath:instancePath+"/readinessProbe/periodSeconds",schemaPath:"#/properties/readinessProbe/properties/periodSeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err220];
}
else {
vErrors.push(err220);
}
errors++;
}
if((typeof data162 == "number") && (isFinite(data162))){
if(data162 < 1 || isNaN(data162)){
const err221 = {instancePath:instancePath+"/readinessProbe/periodSeconds",schemaPath:"#/properties/readinessProbe/properties/periodSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err221];
}
else {
vErrors.push(err221);
}
errors++;
}
}
}
if(data147.period !== undefined){
let data163 = data147.period;
if((typeof data163 !== "string") && (!((typeof data163 == "number") && (isFinite(data163))))){
const err222 = {instancePath:instancePath+"/readinessProbe/period",schemaPath:"#/properties/readinessProbe/properties/period/type",keyword:"type",params:{type: schema12.properties.readinessProbe.properties.period.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err222];
}
else {
vErrors.push(err222);
}
errors++;
}
}
if(data147.timeoutSeconds !== undefined){
let data164 = data147.timeoutSeconds;
if(!(((typeof data164 == "number") && (!(data164 % 1) && !isNaN(data164))) && (isFinite(data164)))){
const err223 = {instancePath:instancePath+"/readinessProbe/timeoutSeconds",schemaPath:"#/properties/readinessProbe/properties/timeoutSeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err223];
}
else {
vErrors.push(err223);
}
errors++;
}
if((typeof data164 == "number") && (isFinite(data164))){
if(data164 < 1 || isNaN(data164)){
const err224 = {instancePath:instancePath+"/readinessProbe/timeoutSeconds",schemaPath:"#/properties/readinessProbe/properties/timeoutSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err224];
}
else {
vErrors.push(err224);
}
errors++;
}
}
}
if(data147.timeout !== undefined){
let data165 = data147.timeout;
if((typeof data165 !== "string") && (!((typeof data165 == "number") && (isFinite(data165))))){
const err225 = {instancePath:instancePath+"/readinessProbe/timeout",schemaPath:"#/properties/readinessProbe/properties/timeout/type",keyword:"type",params:{type: schema12.properties.readinessProbe.properties.timeout.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err225];
}
else {
vErrors.push(err225);
}
errors++;
}
}
if(data147.successThreshold !== undefined){
let data166 = data147.successThreshold;
if(!(((typeof data166 == "number") && (!(data166 % 1) && !isNaN(data166))) && (isFinite(data166)))){
const err226 = {instancePath:instancePath+"/readinessProbe/successThreshold",schemaPath:"#/properties/readinessProbe/properties/successThreshold/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err226];
}
else {
vErrors.push(err226);
}
errors++;
}
if((typeof data166 == "number") && (isFinite(data166))){
if(data166 < 1 || isNaN(data166)){
const err227 = {instancePath:instancePath+"/readinessProbe/successThreshold",schemaPath:"#/properties/readinessProbe/properties/successThreshold/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err227];
}
else {
vErrors.push(err227);
}
errors++;
}
}
}
if(data147.failureThreshold !== undefined){
let data167 = data147.failureThreshold;
if(!(((typeof data167 == "number") && (!(data167 % 1) && !isNaN(data167))) && (isFinite(data167)))){
const err228 = {instancePath:instancePath+"/readinessProbe/failureThreshold",schemaPath:"#/properties/readinessProbe/properties/failureThreshold/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err228];
}
else {
vErrors.push(err228);
}
errors++;
}
if((typeof data167 == "number") && (isFinite(data167))){
if(data167 < 1 || isNaN(data167)){
const err229 = {instancePath:instancePath+"/readinessProbe/failureThreshold",schemaPath:"#/properties/readinessProbe/properties/failureThreshold/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err229];
}
else {
vErrors.push(err229);
}
errors++;
}
}
}
}
else {
const err230 = {instancePath:instancePath+"/readinessProbe",schemaPath:"#/properties/readinessProbe/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err230];
}
else {
vErrors.push(err230);
}
errors++;
}
}
if(data.livenessProbe !== undefined){
let data168 = data.livenessProbe;
if(data168 && typeof data168 == "object" && !Array.isArray(data168)){
for(const key32 in data168){
if(!(func2.call(schema12.properties.livenessProbe.properties, key32))){
const err231 = {instancePath:instancePath+"/livenessProbe",schemaPath:"#/properties/livenessProbe/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key32},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err231];
}
else {
vErrors.push(err231);
}
errors++;
}
}
if(data168.exec !== undefined){
let data169 = data168.exec;
if(Array.isArray(data169)){
const len16 = data169.length;
for(let i16=0; i16<len16; i16++){
if(typeof data169[i16] !== "string"){
const err232 = {instancePath:instancePath+"/livenessProbe/exec/" + i16,schemaPath:"#/properties/livenessProbe/properties/exec/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err232];
}
else {
vErrors.push(err232);
}
errors++;
}
}
}
else {
const err233 = {instancePath:instancePath+"/livenessProbe/exec",schemaPath:"#/properties/livenessProbe/properties/exec/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err233];
}
else {
vErrors.push(err233);
}
errors++;
}
}
if(data168.httpGet !== undefined){
let data171 = data168.httpGet;
if(data171 && typeof data171 == "object" && !Array.isArray(data171)){
if(data171.port === undefined){
const err234 = {instancePath:instancePath+"/livenessProbe/httpGet",schemaPath:"#/properties/livenessProbe/properties/httpGet/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err234];
}
else {
vErrors.push(err234);
}
errors++;
}
for(const key33 in data171){
if(!((((key33 === "path") || (key33 === "port")) || (key33 === "scheme")) || (key33 === "headers"))){
const err235 = {instancePath:instancePath+"/livenessProbe/httpGet",schemaPath:"#/properties/livenessProbe/properties/httpGet/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key33},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err235];
}
else {
vErrors.push(err235);
}
errors++;
}
}
if(data171.path !== undefined){
if(typeof data171.path !== "string"){
const err236 = {instancePath:instancePath+"/livenessProbe/httpGet/path",schemaPath:"#/properties/livenessProbe/properties/httpGet/properties/path/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err236];
}
else {
vErrors.push(err236);
}
errors++;
}
}
if(data171.port !== undefined){
let data173 = data171.port;
if((!(((typeof data173 == "number") && (!(data173 % 1) && !isNaN(data173))) && (isFinite(data173)))) && (typeof data173 !== "string")){
const err237 = {instancePath:instancePath+"/livenessProbe/httpGet/port",schemaPath:"#/properties/livenessProbe/properties/httpGet/properties/port/type",keyword:"type",params:{type: schema12.properties.livenessProbe.properties.httpGet.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err237];
}
else {
vErrors.push(err237);
}
errors++;
}
}
if(data171.scheme !== undefined){
let data174 = data171.scheme;
if(typeof data174 !== "string"){
const err238 = {instancePath:instancePath+"/livenessProbe/httpGet/scheme",schemaPath:"#/properties/livenessProbe/properties/httpGet/properties/scheme/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err238];
}
else {
vErrors.push(err238);
}
errors++;
}
if(!((data174 === "HTTP") || (data174 === "HTTPS"))){
const err239 = {instancePath:instancePath+"/livenessProbe/httpGet/scheme",schemaPath:"#/properties/livenessProbe/properties/httpGet/properties/scheme/enum",keyword:"enum",params:{allowedValues: schema12.properties.livenessProbe.properties.httpGet.properties.scheme.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err239];
}
else {
vErrors.push(err239);
}
errors++;
}
}
if(data171.headers !== undefined){
let data175 = data171.headers;
if(data175 && typeof data175 == "object" && !Array.isArray(data175)){
for(const key34 in data175){
if(typeof data175[key34] !== "string"){
const err240 = {instancePath:instancePath+"/livenessProbe/httpGet/headers/" + key34.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/livenessProbe/properties/httpGet/properties/headers/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err240];
}
else {
vErrors.push(err240);
}
errors++;
}
}
}
else {
const err241 = {instancePath:instancePath+"/livenessProbe/httpGet/headers",schemaPath:"#/properties/livenessProbe/properties/httpGet/properties/headers/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err241];
}
else {
vErrors.push(err241);
}
errors++;
}
}
}
else {
const err242 = {instancePath:instancePath+"/livenessProbe/httpGet",schemaPath:"#/properties/livenessProbe/properties/httpGet/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err242];
}
else {
vErrors.push(err242);
}
errors++;
}
}
if(data168.tcpSocket !== undefined){
let data177 = data168.tcpSocket;
if(data177 && typeof data177 == "object" && !Array.isArray(data177)){
if(data177.port === undefined){
const err243 = {instancePath:instancePath+"/livenessProbe/tcpSocket",schemaPath:"#/properties/livenessProbe/properties/tcpSocket/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err243];
}
else {
vErrors.push(err243);
}
errors++;
}
for(const key35 in data177){
if(!(key35 === "port")){
const err244 = {instancePath:instancePath+"/livenessProbe/tcpSocket",schemaPath:"#/properties/livenessProbe/properties/tcpSocket/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key35},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err244];
}
else {
vErrors.push(err244);
}
errors++;
}
}
if(data177.port !== undefined){
let data178 = data177.port;
if((!(((typeof data178 == "number") && (!(data178 % 1) && !isNaN(data178))) && (isFinite(data178)))) && (typeof data178 !== "string")){
const err245 = {instancePath:instancePath+"/livenessProbe/tcpSocket/port",schemaPath:"#/properties/livenessProbe/properties/tcpSocket/properties/port/type",keyword:"type",params:{type: schema12.properties.livenessProbe.properties.tcpSocket.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err245];
}
else {
vErrors.push(err245);
}
errors++;
}
}
}
else {
const err246 = {instancePath:instancePath+"/livenessProbe/tcpSocket",schemaPath:"#/properties/livenessProbe/properties/tcpSocket/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err246];
}
else {
vErrors.push(err246);
}
errors++;
}
}
if(data168.grpc !== undefined){
let data179 = data168.grpc;
if(data179 && typeof data179 == "object" && !Array.isArray(data179)){
if(data179.port === undefined){
const err247 = {instancePath:instancePath+"/livenessProbe/grpc",schemaPath:"#/properties/livenessProbe/properties/grpc/required",keyword:"required",params:{missingProperty: "port"},message:"must have required property '"+"port"+"'"};
if(vErrors === null){
vErrors = [err247];
}
else {
vErrors.push(err247);
}
errors++;
}
for(const key36 in data179){
if(!((key36 === "port") || (key36 === "service"))){
const err248 = {instancePath:instancePath+"/livenessProbe/grpc",schemaPath:"#/properties/livenessProbe/properties/grpc/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key36},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err248];
}
else {
vErrors.push(err248);
}
errors++;
}
}
if(data179.port !== undefined){
let data180 = data179.port;
if((!(((typeof data180 == "number") && (!(data180 % 1) && !isNaN(data180))) && (isFinite(data180)))) && (typeof data180 !== "string")){
const err249 = {instancePath:instancePath+"/livenessProbe/grpc/port",schemaPath:"#/properties/livenessProbe/properties/grpc/properties/port/type",keyword:"type",params:{type: schema12.properties.livenessProbe.properties.grpc.properties.port.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err249];
}
else {
vErrors.push(err249);
}
errors++;
}
}
if(data179.service !== undefined){
if(typeof data179.service !== "string"){
const err250 = {instancePath:instancePath+"/livenessProbe/grpc/service",schemaPath:"#/properties/livenessProbe/properties/grpc/properties/service/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err250];
}
else {
vErrors.push(err250);
}
errors++;
}
}
}
else {
const err251 = {instancePath:instancePath+"/livenessProbe/grpc",schemaPath:"#/properties/livenessProbe/properties/grpc/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err251];
}
else {
vErrors.push(err251);
}
errors++;
}
}
if(data168.initialDelaySeconds !== undefined){
let data182 = data168.initialDelaySeconds;
if(!(((typeof data182 == "number") && (!(data182 % 1) && !isNaN(data182))) && (isFinite(data182)))){
const err252 = {instancePath:instancePath+"/livenessProbe/initialDelaySeconds",schemaPath:"#/properties/livenessProbe/properties/initialDelaySeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err252];
}
else {
vErrors.push(err252);
}
errors++;
}
if((typeof data182 == "number") && (isFinite(data182))){
if(data182 < 0 || isNaN(data182)){
const err253 = {instancePath:instancePath+"/livenessProbe/initialDelaySeconds",schemaPath:"#/properties/livenessProbe/properties/initialDelaySeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err253];
}
else {
vErrors.push(err253);
}
errors++;
}
}
}
if(data168.periodSeconds !== undefined){
let data183 = data168.periodSeconds;
if(!(((typeof data183 == "number") && (!(data183 % 1) && !isNaN(data183))) && (isFinite(data183)))){
const err254 = {instancePath:instancePath+"/livenessProbe/periodSeconds",schemaPath:"#/properties/livenessProbe/properties/periodSeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err254];
}
else {
vErrors.push(err254);
}
errors++;
}
if((typeof data183 == "number") && (isFinite(data183))){
if(data183 < 1 || isNaN(data183)){
const err255 = {instancePath:instancePath+"/livenessProbe/periodSeconds",schemaPath:"#/properties/livenessProbe/properties/periodSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err255];
}
else {
vErrors.push(err255);
}
errors++;
}
}
}
if(data168.period !== undefined){
let data184 = data168.period;
if((typeof data184 !== "string") && (!((typeof data184 == "number") && (isFinite(data184))))){
const err256 = {instancePath:instancePath+"/livenessProbe/period",schemaPath:"#/properties/livenessProbe/properties/period/type",keyword:"type",params:{type: schema12.properties.livenessProbe.properties.period.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err256];
}
else {
vErrors.push(err256);
}
errors++;
}
}
if(data168.timeoutSeconds !== undefined){
let data185 = data168.timeoutSeconds;
if(!(((typeof data185 == "number") && (!(data185 % 1) && !isNaN(data185))) && (isFinite(data185)))){
const err257 = {instancePath:instancePath+"/livenessProbe/timeoutSeconds",schemaPath:"#/properties/livenessProbe/properties/timeoutSeconds/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err257];
}
else {
vErrors.push(err257);
}
errors++;
}
if((typeof data185 == "number") && (isFinite(data185))){
if(data185 < 1 || isNaN(data185)){
const err258 = {instancePath:instancePath+"/livenessProbe/timeoutSeconds",schemaPath:"#/properties/livenessProbe/properties/timeoutSeconds/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err258];
}
else {
vErrors.push(err258);
}
errors++;
}
}
}
if(data168.timeout !== undefined){
let data186 = data168.timeout;
if((typeof data186 !== "string") && (!((typeof data186 == "number") && (isFinite(data186))))){
const err259 = {instancePath:instancePath+"/livenessProbe/timeout",schemaPath:"#/properties/livenessProbe/properties/timeout/type",keyword:"type",params:{type: schema12.properties.livenessProbe.properties.timeout.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err259];
}
else {
vErrors.push(err259);
}
errors++;
}
}
if(data168.successThreshold !== undefined){
let data187 = data168.successThreshold;
if(!(((typeof data187 == "number") && (!(data187 % 1) && !isNaN(data187))) && (isFinite(data187)))){
const err260 = {instancePath:instancePath+"/livenessProbe/successThreshold",schemaPath:"#/properties/livenessProbe/properties/successThreshold/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err260];
}
else {
vErrors.push(err260);
}
errors++;
}
if((typeof data187 == "number") && (isFinite(data187))){
if(data187 > 1 || isNaN(data187)){
const err261 = {instancePath:instancePath+"/livenessProbe/successThreshold",schemaPath:"#/properties/livenessProbe/properties/successThreshold/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1},message:"must be <= 1"};
if(vErrors === null){
vErrors = [err261];
}
else {
vErrors.push(err261);
}
errors++;
}
if(data187 < 1 || isNaN(data187)){
const err262 = {instancePath:instancePath+"/livenessProbe/successThreshold",schemaPath:"#/properties/livenessProbe/properties/successThreshold/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err262];
}
else {
vErrors.push(err262);
}
errors++;
}
}
}
if(data168.failureThreshold !== undefined){
let data188 = data168.failureThreshold;
if(!(((typeof data188 == "number") && (!(data188 % 1) && !isNaN(data188))) && (isFinite(data188)))){
const err263 = {instancePath:instancePath+"/livenessProbe/failureThreshold",schemaPath:"#/properties/livenessProbe/properties/failureThreshold/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err263];
}
else {
vErrors.push(err263);
}
errors++;
}
if((typeof data188 == "number") && (isFinite(data188))){
if(data188 < 1 || isNaN(data188)){
const err264 = {instancePath:instancePath+"/livenessProbe/failureThreshold",schemaPath:"#/properties/livenessProbe/properties/failureThreshold/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err264];
}
else {
vErrors.push(err264);
}
errors++;
}
}
}
if(data168.terminationGracePeriodSeconds !== undefined){
let data189 = data168.terminationGracePeriodSeconds;
if((!((typeof data189 == "number") && (isFinite(data189)))) && (typeof data189 !== "string")){
const err265 = {instancePath:instancePath+"/livenessProbe/terminationGracePeriodSeconds",schemaPath:"#/properties/livenessProbe/properties/terminationGracePeriodSeconds/type",keyword:"type",params:{type: schema12.properties.livenessProbe.properties.terminationGracePeriodSeconds.type},message:"must be number,string"};
if(vErrors === null){
vErrors = [err265];
}
else {
vErrors.push(err265);
}
errors++;
}
}
}
else {
const err266 = {instancePath:instancePath+"/livenessProbe",schemaPath:"#/properties/livenessProbe/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err266];
}
else {
vErrors.push(err266);
}
errors++;
}
}
if(data.healthcheck !== undefined){
let data190 = data.healthcheck;
if(data190 && typeof data190 == "object" && !Array.isArray(data190)){
for(const key37 in data190){
if(!((((((((key37 === "test") || (key37 === "interval")) || (key37 === "timeout")) || (key37 === "start_period")) || (key37 === "start_interval")) || (key37 === "retries")) || (key37 === "disable")) || (key37 === "restart"))){
const err267 = {instancePath:instancePath+"/healthcheck",schemaPath:"#/properties/healthcheck/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key37},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err267];
}
else {
vErrors.push(err267);
}
errors++;
}
}
if(data190.test !== undefined){
let data191 = data190.test;
if((!(Array.isArray(data191))) && (typeof data191 !== "string")){
const err268 = {instancePath:instancePath+"/healthcheck/test",schemaPath:"#/properties/healthcheck/properties/test/type",keyword:"type",params:{type: schema12.properties.healthcheck.properties.test.type},message:"must be array,string"};
if(vErrors === null){
vErrors = [err268];
}
else {
vErrors.push(err268);
}
errors++;
}
if(Array.isArray(data191)){
const len17 = data191.length;
for(let i17=0; i17<len17; i17++){
if(typeof data191[i17] !== "string"){
const err269 = {instancePath:instancePath+"/healthcheck/test/" + i17,schemaPath:"#/properties/healthcheck/properties/test/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err269];
}
else {
vErrors.push(err269);
}
errors++;
}
}
}
}
if(data190.interval !== undefined){
let data193 = data190.interval;
if((typeof data193 !== "string") && (!((typeof data193 == "number") && (isFinite(data193))))){
const err270 = {instancePath:instancePath+"/healthcheck/interval",schemaPath:"#/properties/healthcheck/properties/interval/type",keyword:"type",params:{type: schema12.properties.healthcheck.properties.interval.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err270];
}
else {
vErrors.push(err270);
}
errors++;
}
}
if(data190.timeout !== undefined){
let data194 = data190.timeout;
if((typeof data194 !== "string") && (!((typeof data194 == "number") && (isFinite(data194))))){
const err271 = {instancePath:instancePath+"/healthcheck/timeout",schemaPath:"#/properties/healthcheck/properties/timeout/type",keyword:"type",params:{type: schema12.properties.healthcheck.properties.timeout.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err271];
}
else {
vErrors.push(err271);
}
errors++;
}
}
if(data190.start_period !== undefined){
let data195 = data190.start_period;
if((typeof data195 !== "string") && (!((typeof data195 == "number") && (isFinite(data195))))){
const err272 = {instancePath:instancePath+"/healthcheck/start_period",schemaPath:"#/properties/healthcheck/properties/start_period/type",keyword:"type",params:{type: schema12.properties.healthcheck.properties.start_period.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err272];
}
else {
vErrors.push(err272);
}
errors++;
}
}
if(data190.start_interval !== undefined){
let data196 = data190.start_interval;
if((typeof data196 !== "string") && (!((typeof data196 == "number") && (isFinite(data196))))){
const err273 = {instancePath:instancePath+"/healthcheck/start_interval",schemaPath:"#/properties/healthcheck/properties/start_interval/type",keyword:"type",params:{type: schema12.properties.healthcheck.properties.start_interval.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err273];
}
else {
vErrors.push(err273);
}
errors++;
}
}
if(data190.retries !== undefined){
let data197 = data190.retries;
if(!(((typeof data197 == "number") && (!(data197 % 1) && !isNaN(data197))) && (isFinite(data197)))){
const err274 = {instancePath:instancePath+"/healthcheck/retries",schemaPath:"#/properties/healthcheck/properties/retries/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err274];
}
else {
vErrors.push(err274);
}
errors++;
}
if((typeof data197 == "number") && (isFinite(data197))){
if(data197 < 1 || isNaN(data197)){
const err275 = {instancePath:instancePath+"/healthcheck/retries",schemaPath:"#/properties/healthcheck/properties/retries/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err275];
}
else {
vErrors.push(err275);
}
errors++;
}
}
}
if(data190.disable !== undefined){
if(typeof data190.disable !== "boolean"){
const err276 = {instancePath:instancePath+"/healthcheck/disable",schemaPath:"#/properties/healthcheck/properties/disable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err276];
}
else {
vErrors.push(err276);
}
errors++;
}
}
if(data190.restart !== undefined){
if(typeof data190.restart !== "boolean"){
const err277 = {instancePath:instancePath+"/healthcheck/restart",schemaPath:"#/properties/healthcheck/properties/restart/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err277];
}
else {
vErrors.push(err277);
}
errors++;
}
}
}
else {
const err278 = {instancePath:instancePath+"/healthcheck",schemaPath:"#/properties/healthcheck/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err278];
}
else {
vErrors.push(err278);
}
errors++;
}
}
if(data.restartPolicy !== undefined){
let data200 = data.restartPolicy;
if(typeof data200 !== "string"){
const err279 = {instancePath:instancePath+"/restartPolicy",schemaPath:"#/properties/restartPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err279];
}
else {
vErrors.push(err279);
}
errors++;
}
if(!(((data200 === "Always") || (data200 === "OnFailure")) || (data200 === "Never"))){
const err280 = {instancePath:instancePath+"/restartPolicy",schemaPath:"#/properties/restartPolicy/enum",keyword:"enum",params:{allowedValues: schema12.properties.restartPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err280];
}
else {
vErrors.push(err280);
}
errors++;
}
}
if(data.restartBackoff !== undefined){
let data201 = data.restartBackoff;
if(data201 && typeof data201 == "object" && !Array.isArray(data201)){
for(const key38 in data201){
if(!(((key38 === "initial") || (key38 === "max")) || (key38 === "reset"))){
const err281 = {instancePath:instancePath+"/restartBackoff",schemaPath:"#/properties/restartBackoff/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key38},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err281];
}
else {
vErrors.push(err281);
}
errors++;
}
}
if(data201.initial !== undefined){
let data202 = data201.initial;
if((typeof data202 !== "string") && (!((typeof data202 == "number") && (isFinite(data202))))){
const err282 = {instancePath:instancePath+"/restartBackoff/initial",schemaPath:"#/properties/restartBackoff/properties/initial/type",keyword:"type",params:{type: schema12.properties.restartBackoff.properties.initial.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err282];
}
else {
vErrors.push(err282);
}
errors++;
}
}
if(data201.max !== undefined){
let data203 = data201.max;
if((typeof data203 !== "string") && (!((typeof data203 == "number") && (isFinite(data203))))){
const err283 = {instancePath:instancePath+"/restartBackoff/max",schemaPath:"#/properties/restartBackoff/properties/max/type",keyword:"type",params:{type: schema12.properties.restartBackoff.properties.max.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err283];
}
else {
vErrors.push(err283);
}
errors++;
}
}
if(data201.reset !== undefined){
let data204 = data201.reset;
if((typeof data204 !== "string") && (!((typeof data204 == "number") && (isFinite(data204))))){
const err284 = {instancePath:instancePath+"/restartBackoff/reset",schemaPath:"#/properties/restartBackoff/properties/reset/type",keyword:"type",params:{type: schema12.properties.restartBackoff.properties.reset.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err284];
}
else {
vErrors.push(err284);
}
errors++;
}
}
}
else {
const err285 = {instancePath:instancePath+"/restartBackoff",schemaPath:"#/properties/restartBackoff/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err285];
}
else {
vErrors.push(err285);
}
errors++;
}
}
if(data.maxRestarts !== undefined){
let data205 = data.maxRestarts;
if(!(((typeof data205 == "number") && (!(data205 % 1) && !isNaN(data205))) && (isFinite(data205)))){
const err286 = {instancePath:instancePath+"/maxRestarts",schemaPath:"#/properties/maxRestarts/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err286];
}
else {
vErrors.push(err286);
}
errors++;
}
if((typeof data205 == "number") && (isFinite(data205))){
if(data205 < 0 || isNaN(data205)){
const err287 = {instancePath:instancePath+"/maxRestarts",schemaPath:"#/properties/maxRestarts/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err287];
}
else {
vErrors.push(err287);
}
errors++;
}
}
}
if(data.stopSignal !== undefined){
let data206 = data.stopSignal;
if((typeof data206 !== "string") && (!(((typeof data206 == "number") && (!(data206 % 1) && !isNaN(data206))) && (isFinite(data206))))){
const err288 = {instancePath:instancePath+"/stopSignal",schemaPath:"#/properties/stopSignal/type",keyword:"type",params:{type: schema12.properties.stopSignal.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err288];
}
else {
vErrors.push(err288);
}
errors++;
}
}
if(data.terminationGracePeriodSeconds !== undefined){
let data207 = data.terminationGracePeriodSeconds;
if((!((typeof data207 == "number") && (isFinite(data207)))) && (typeof data207 !== "string")){
const err289 = {instancePath:instancePath+"/terminationGracePeriodSeconds",schemaPath:"#/properties/terminationGracePeriodSeconds/type",keyword:"type",params:{type: schema12.properties.terminationGracePeriodSeconds.type},message:"must be number,string"};
if(vErrors === null){
vErrors = [err289];
}
else {
vErrors.push(err289);
}
errors++;
}
}
if(data.lifecycle !== undefined){
const err290 = {instancePath:instancePath+"/lifecycle",schemaPath:"#/properties/lifecycle/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err290];
}
else {
vErrors.push(err290);
}
errors++;
}
if(data.dependsOn !== undefined){
let data209 = data.dependsOn;
if(!data209 || typeof data209 != "object"){
const err291 = {instancePath:instancePath+"/dependsOn",schemaPath:"#/properties/dependsOn/type",keyword:"type",params:{type: schema12.properties.dependsOn.type},message:"must be array,object"};
if(vErrors === null){
vErrors = [err291];
}
else {
vErrors.push(err291);
}
errors++;
}
if(Array.isArray(data209)){
const len18 = data209.length;
for(let i18=0; i18<len18; i18++){
if(typeof data209[i18] !== "string"){
const err292 = {instancePath:instancePath+"/dependsOn/" + i18,schemaPath:"#/properties/dependsOn/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err292];
}
else {
vErrors.push(err292);
}
errors++;
}
}
}
if(data209 && typeof data209 == "object" && !Array.isArray(data209)){
for(const key39 in data209){
let data211 = data209[key39];
if((!(data211 && typeof data211 == "object" && !Array.isArray(data211))) && (data211 !== null)){
const err293 = {instancePath:instancePath+"/dependsOn/" + key39.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/dependsOn/additionalProperties/type",keyword:"type",params:{type: schema12.properties.dependsOn.additionalProperties.type},message:"must be object,null"};
if(vErrors === null){
vErrors = [err293];
}
else {
vErrors.push(err293);
}
errors++;
}
if(data211 && typeof data211 == "object" && !Array.isArray(data211)){
for(const key40 in data211){
if(!(((key40 === "condition") || (key40 === "restart")) || (key40 === "timeout"))){
const err294 = {instancePath:instancePath+"/dependsOn/" + key39.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/dependsOn/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key40},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err294];
}
else {
vErrors.push(err294);
}
errors++;
}
}
if(data211.condition !== undefined){
let data212 = data211.condition;
if(typeof data212 !== "string"){
const err295 = {instancePath:instancePath+"/dependsOn/" + key39.replace(/~/g, "~0").replace(/\//g, "~1")+"/condition",schemaPath:"#/properties/dependsOn/additionalProperties/properties/condition/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err295];
}
else {
vErrors.push(err295);
}
errors++;
}
if(!(data212 === "Started")){
const err296 = {instancePath:instancePath+"/dependsOn/" + key39.replace(/~/g, "~0").replace(/\//g, "~1")+"/condition",schemaPath:"#/properties/dependsOn/additionalProperties/properties/condition/enum",keyword:"enum",params:{allowedValues: schema12.properties.dependsOn.additionalProperties.properties.condition.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err296];
}
else {
vErrors.push(err296);
}
errors++;
}
}
if(data211.restart !== undefined){
const err297 = {instancePath:instancePath+"/dependsOn/" + key39.replace(/~/g, "~0").replace(/\//g, "~1")+"/restart",schemaPath:"#/properties/dependsOn/additionalProperties/properties/restart/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err297];
}
else {
vErrors.push(err297);
}
errors++;
}
if(data211.timeout !== undefined){
let data214 = data211.timeout;
if((typeof data214 !== "string") && (!((typeof data214 == "number") && (isFinite(data214))))){
const err298 = {instancePath:instancePath+"/dependsOn/" + key39.replace(/~/g, "~0").replace(/\//g, "~1")+"/timeout",schemaPath:"#/properties/dependsOn/additionalProperties/properties/timeout/type",keyword:"type",params:{type: schema12.properties.dependsOn.additionalProperties.properties.timeout.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err298];
}
else {
vErrors.push(err298);
}
errors++;
}
}
}
}
}
}
if(data.initContainers !== undefined){
const err299 = {instancePath:instancePath+"/initContainers",schemaPath:"#/properties/initContainers/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err299];
}
else {
vErrors.push(err299);
}
errors++;
}
if(data.sidecars !== undefined){
const err300 = {instancePath:instancePath+"/sidecars",schemaPath:"#/properties/sidecars/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err300];
}
else {
vErrors.push(err300);
}
errors++;
}
if(data.replicas !== undefined){
let data217 = data.replicas;
if(!(((typeof data217 == "number") && (!(data217 % 1) && !isNaN(data217))) && (isFinite(data217)))){
const err301 = {instancePath:instancePath+"/replicas",schemaPath:"#/properties/replicas/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err301];
}
else {
vErrors.push(err301);
}
errors++;
}
if((typeof data217 == "number") && (isFinite(data217))){
if(data217 > 1000 || isNaN(data217)){
const err302 = {instancePath:instancePath+"/replicas",schemaPath:"#/properties/replicas/maximum",keyword:"maximum",params:{comparison: "<=", limit: 1000},message:"must be <= 1000"};
if(vErrors === null){
vErrors = [err302];
}
else {
vErrors.push(err302);
}
errors++;
}
if(data217 < 0 || isNaN(data217)){
const err303 = {instancePath:instancePath+"/replicas",schemaPath:"#/properties/replicas/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err303];
}
else {
vErrors.push(err303);
}
errors++;
}
}
}
if(data.strategy !== undefined){
let data218 = data.strategy;
if(data218 && typeof data218 == "object" && !Array.isArray(data218)){
for(const key41 in data218){
if(!(((((((key41 === "type") || (key41 === "maxSurge")) || (key41 === "maxUnavailable")) || (key41 === "minReady")) || (key41 === "deadline")) || (key41 === "drain")) || (key41 === "onFailure"))){
const err304 = {instancePath:instancePath+"/strategy",schemaPath:"#/properties/strategy/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key41},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err304];
}
else {
vErrors.push(err304);
}
errors++;
}
}
if(data218.type !== undefined){
let data219 = data218.type;
if(typeof data219 !== "string"){
const err305 = {instancePath:instancePath+"/strategy/type",schemaPath:"#/properties/strategy/properties/type/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err305];
}
else {
vErrors.push(err305);
}
errors++;
}
if(!(data219 === "Recreate")){
const err306 = {instancePath:instancePath+"/strategy/type",schemaPath:"#/properties/strategy/properties/type/enum",keyword:"enum",params:{allowedValues: schema12.properties.strategy.properties.type.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err306];
}
else {
vErrors.push(err306);
}
errors++;
}
}
if(data218.maxSurge !== undefined){
const err307 = {instancePath:instancePath+"/strategy/maxSurge",schemaPath:"#/properties/strategy/properties/maxSurge/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err307];
}
else {
vErrors.push(err307);
}
errors++;
}
if(data218.maxUnavailable !== undefined){
const err308 = {instancePath:instancePath+"/strategy/maxUnavailable",schemaPath:"#/properties/strategy/properties/maxUnavailable/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err308];
}
else {
vErrors.push(err308);
}
errors++;
}
if(data218.minReady !== undefined){
const err309 = {instancePath:instancePath+"/strategy/minReady",schemaPath:"#/properties/strategy/properties/minReady/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err309];
}
else {
vErrors.push(err309);
}
errors++;
}
if(data218.deadline !== undefined){
const err310 = {instancePath:instancePath+"/strategy/deadline",schemaPath:"#/properties/strategy/properties/deadline/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err310];
}
else {
vErrors.push(err310);
}
errors++;
}
if(data218.drain !== undefined){
const err311 = {instancePath:instancePath+"/strategy/drain",schemaPath:"#/properties/strategy/properties/drain/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err311];
}
else {
vErrors.push(err311);
}
errors++;
}
if(data218.onFailure !== undefined){
const err312 = {instancePath:instancePath+"/strategy/onFailure",schemaPath:"#/properties/strategy/properties/onFailure/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err312];
}
else {
vErrors.push(err312);
}
errors++;
}
}
else {
const err313 = {instancePath:instancePath+"/strategy",schemaPath:"#/properties/strategy/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err313];
}
else {
vErrors.push(err313);
}
errors++;
}
}
if(data.autoUpdate !== undefined){
const err314 = {instancePath:instancePath+"/autoUpdate",schemaPath:"#/properties/autoUpdate/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err314];
}
else {
vErrors.push(err314);
}
errors++;
}
if(data.logging !== undefined){
let data227 = data.logging;
if(data227 && typeof data227 == "object" && !Array.isArray(data227)){
for(const key42 in data227){
if(!((((key42 === "driver") || (key42 === "maxSize")) || (key42 === "maxFiles")) || (key42 === "keepOld"))){
const err315 = {instancePath:instancePath+"/logging",schemaPath:"#/properties/logging/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key42},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err315];
}
else {
vErrors.push(err315);
}
errors++;
}
}
if(data227.driver !== undefined){
let data228 = data227.driver;
if(typeof data228 !== "string"){
const err316 = {instancePath:instancePath+"/logging/driver",schemaPath:"#/properties/logging/properties/driver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err316];
}
else {
vErrors.push(err316);
}
errors++;
}
if(!(data228 === "file")){
const err317 = {instancePath:instancePath+"/logging/driver",schemaPath:"#/properties/logging/properties/driver/enum",keyword:"enum",params:{allowedValues: schema12.properties.logging.properties.driver.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err317];
}
else {
vErrors.push(err317);
}
errors++;
}
}
if(data227.maxSize !== undefined){
let data229 = data227.maxSize;
if((typeof data229 !== "string") && (!((typeof data229 == "number") && (isFinite(data229))))){
const err318 = {instancePath:instancePath+"/logging/maxSize",schemaPath:"#/properties/logging/properties/maxSize/type",keyword:"type",params:{type: schema12.properties.logging.properties.maxSize.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err318];
}
else {
vErrors.push(err318);
}
errors++;
}
}
if(data227.maxFiles !== undefined){
let data230 = data227.maxFiles;
if(!(((typeof data230 == "number") && (!(data230 % 1) && !isNaN(data230))) && (isFinite(data230)))){
const err319 = {instancePath:instancePath+"/logging/maxFiles",schemaPath:"#/properties/logging/properties/maxFiles/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err319];
}
else {
vErrors.push(err319);
}
errors++;
}
if((typeof data230 == "number") && (isFinite(data230))){
if(data230 > 100 || isNaN(data230)){
const err320 = {instancePath:instancePath+"/logging/maxFiles",schemaPath:"#/properties/logging/properties/maxFiles/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100},message:"must be <= 100"};
if(vErrors === null){
vErrors = [err320];
}
else {
vErrors.push(err320);
}
errors++;
}
if(data230 < 1 || isNaN(data230)){
const err321 = {instancePath:instancePath+"/logging/maxFiles",schemaPath:"#/properties/logging/properties/maxFiles/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err321];
}
else {
vErrors.push(err321);
}
errors++;
}
}
}
if(data227.keepOld !== undefined){
let data231 = data227.keepOld;
if(!(((typeof data231 == "number") && (!(data231 % 1) && !isNaN(data231))) && (isFinite(data231)))){
const err322 = {instancePath:instancePath+"/logging/keepOld",schemaPath:"#/properties/logging/properties/keepOld/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err322];
}
else {
vErrors.push(err322);
}
errors++;
}
if((typeof data231 == "number") && (isFinite(data231))){
if(data231 > 100 || isNaN(data231)){
const err323 = {instancePath:instancePath+"/logging/keepOld",schemaPath:"#/properties/logging/properties/keepOld/maximum",keyword:"maximum",params:{comparison: "<=", limit: 100},message:"must be <= 100"};
if(vErrors === null){
vErrors = [err323];
}
else {
vErrors.push(err323);
}
errors++;
}
if(data231 < 0 || isNaN(data231)){
const err324 = {instancePath:instancePath+"/logging/keepOld",schemaPath:"#/properties/logging/properties/keepOld/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err324];
}
else {
vErrors.push(err324);
}
errors++;
}
}
}
}
else {
const err325 = {instancePath:instancePath+"/logging",schemaPath:"#/properties/logging/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err325];
}
else {
vErrors.push(err325);
}
errors++;
}
}
if(data.runtime !== undefined){
const err326 = {instancePath:instancePath+"/runtime",schemaPath:"#/properties/runtime/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err326];
}
else {
vErrors.push(err326);
}
errors++;
}
if(data.state !== undefined){
let data233 = data.state;
if(typeof data233 !== "string"){
const err327 = {instancePath:instancePath+"/state",schemaPath:"#/properties/state/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err327];
}
else {
vErrors.push(err327);
}
errors++;
}
if(!((data233 === "Running") || (data233 === "Stopped"))){
const err328 = {instancePath:instancePath+"/state",schemaPath:"#/properties/state/enum",keyword:"enum",params:{allowedValues: schema12.properties.state.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err328];
}
else {
vErrors.push(err328);
}
errors++;
}
}
}
else {
const err329 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err329];
}
else {
vErrors.push(err329);
}
errors++;
}
validate11.errors = vErrors;
return errors === 0;
}

export const validateImage = validate12;
const schema13 = {"type":"object","required":["ref"],"properties":{"ref":{"type":"string"},"pullPolicy":{"type":"string","enum":["IfNotPresent","Always","Never"]},"keep":{"type":"boolean"},"autoUpdate":false,"verify":{"type":"object","properties":{"keys":{"type":"array","items":{"type":"string"}},"keyFiles":{"type":"array","items":{"type":"string"}},"policy":{"type":"string","enum":["Any","All"]},"identity":{"type":"string","enum":["Any","Repository"]}},"additionalProperties":false}},"additionalProperties":false};

function validate12(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.ref === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "ref"},message:"must have required property '"+"ref"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!(((((key0 === "ref") || (key0 === "pullPolicy")) || (key0 === "keep")) || (key0 === "autoUpdate")) || (key0 === "verify"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.ref !== undefined){
if(typeof data.ref !== "string"){
const err2 = {instancePath:instancePath+"/ref",schemaPath:"#/properties/ref/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.pullPolicy !== undefined){
let data1 = data.pullPolicy;
if(typeof data1 !== "string"){
const err3 = {instancePath:instancePath+"/pullPolicy",schemaPath:"#/properties/pullPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
if(!(((data1 === "IfNotPresent") || (data1 === "Always")) || (data1 === "Never"))){
const err4 = {instancePath:instancePath+"/pullPolicy",schemaPath:"#/properties/pullPolicy/enum",keyword:"enum",params:{allowedValues: schema13.properties.pullPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.keep !== undefined){
if(typeof data.keep !== "boolean"){
const err5 = {instancePath:instancePath+"/keep",schemaPath:"#/properties/keep/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.autoUpdate !== undefined){
const err6 = {instancePath:instancePath+"/autoUpdate",schemaPath:"#/properties/autoUpdate/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data.verify !== undefined){
let data4 = data.verify;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key1 in data4){
if(!((((key1 === "keys") || (key1 === "keyFiles")) || (key1 === "policy")) || (key1 === "identity"))){
const err7 = {instancePath:instancePath+"/verify",schemaPath:"#/properties/verify/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data4.keys !== undefined){
let data5 = data4.keys;
if(Array.isArray(data5)){
const len0 = data5.length;
for(let i0=0; i0<len0; i0++){
if(typeof data5[i0] !== "string"){
const err8 = {instancePath:instancePath+"/verify/keys/" + i0,schemaPath:"#/properties/verify/properties/keys/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
else {
const err9 = {instancePath:instancePath+"/verify/keys",schemaPath:"#/properties/verify/properties/keys/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data4.keyFiles !== undefined){
let data7 = data4.keyFiles;
if(Array.isArray(data7)){
const len1 = data7.length;
for(let i1=0; i1<len1; i1++){
if(typeof data7[i1] !== "string"){
const err10 = {instancePath:instancePath+"/verify/keyFiles/" + i1,schemaPath:"#/properties/verify/properties/keyFiles/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath:instancePath+"/verify/keyFiles",schemaPath:"#/properties/verify/properties/keyFiles/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data4.policy !== undefined){
let data9 = data4.policy;
if(typeof data9 !== "string"){
const err12 = {instancePath:instancePath+"/verify/policy",schemaPath:"#/properties/verify/properties/policy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if(!((data9 === "Any") || (data9 === "All"))){
const err13 = {instancePath:instancePath+"/verify/policy",schemaPath:"#/properties/verify/properties/policy/enum",keyword:"enum",params:{allowedValues: schema13.properties.verify.properties.policy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data4.identity !== undefined){
let data10 = data4.identity;
if(typeof data10 !== "string"){
const err14 = {instancePath:instancePath+"/verify/identity",schemaPath:"#/properties/verify/properties/identity/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
if(!((data10 === "Any") || (data10 === "Repository"))){
const err15 = {instancePath:instancePath+"/verify/identity",schemaPath:"#/properties/verify/properties/identity/enum",keyword:"enum",params:{allowedValues: schema13.properties.verify.properties.identity.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
else {
const err16 = {instancePath:instancePath+"/verify",schemaPath:"#/properties/verify/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
}
else {
const err17 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
validate12.errors = vErrors;
return errors === 0;
}

export const validateNetwork = validate13;
const schema14 = {"type":"object","properties":{"driver":{"type":"string","enum":["bridge"]},"subnet":{"type":"string"},"gateway":{"type":"string"},"ipRange":{"type":"string"},"ipv6":false,"internal":false,"isolated":{"type":"boolean"},"masquerade":{"type":"boolean"},"mtu":{"type":["integer","string"]},"dns":{"type":"object","properties":{"forwarders":{"type":"array","items":{"type":"string"}},"domain":{"type":"string"}},"additionalProperties":false}},"additionalProperties":false};

function validate13(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema14.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.driver !== undefined){
let data0 = data.driver;
if(typeof data0 !== "string"){
const err1 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(!(data0 === "bridge")){
const err2 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/enum",keyword:"enum",params:{allowedValues: schema14.properties.driver.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.subnet !== undefined){
if(typeof data.subnet !== "string"){
const err3 = {instancePath:instancePath+"/subnet",schemaPath:"#/properties/subnet/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.gateway !== undefined){
if(typeof data.gateway !== "string"){
const err4 = {instancePath:instancePath+"/gateway",schemaPath:"#/properties/gateway/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.ipRange !== undefined){
if(typeof data.ipRange !== "string"){
const err5 = {instancePath:instancePath+"/ipRange",schemaPath:"#/properties/ipRange/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.ipv6 !== undefined){
const err6 = {instancePath:instancePath+"/ipv6",schemaPath:"#/properties/ipv6/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data.internal !== undefined){
const err7 = {instancePath:instancePath+"/internal",schemaPath:"#/properties/internal/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
if(data.isolated !== undefined){
if(typeof data.isolated !== "boolean"){
const err8 = {instancePath:instancePath+"/isolated",schemaPath:"#/properties/isolated/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.masquerade !== undefined){
if(typeof data.masquerade !== "boolean"){
const err9 = {instancePath:instancePath+"/masquerade",schemaPath:"#/properties/masquerade/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data.mtu !== undefined){
let data8 = data.mtu;
if((!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8)))) && (typeof data8 !== "string")){
const err10 = {instancePath:instancePath+"/mtu",schemaPath:"#/properties/mtu/type",keyword:"type",params:{type: schema14.properties.mtu.type},message:"must be integer,string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
if(data.dns !== undefined){
let data9 = data.dns;
if(data9 && typeof data9 == "object" && !Array.isArray(data9)){
for(const key1 in data9){
if(!((key1 === "forwarders") || (key1 === "domain"))){
const err11 = {instancePath:instancePath+"/dns",schemaPath:"#/properties/dns/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data9.forwarders !== undefined){
let data10 = data9.forwarders;
if(Array.isArray(data10)){
const len0 = data10.length;
for(let i0=0; i0<len0; i0++){
if(typeof data10[i0] !== "string"){
const err12 = {instancePath:instancePath+"/dns/forwarders/" + i0,schemaPath:"#/properties/dns/properties/forwarders/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath:instancePath+"/dns/forwarders",schemaPath:"#/properties/dns/properties/forwarders/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data9.domain !== undefined){
if(typeof data9.domain !== "string"){
const err14 = {instancePath:instancePath+"/dns/domain",schemaPath:"#/properties/dns/properties/domain/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/dns",schemaPath:"#/properties/dns/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
else {
const err16 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
validate13.errors = vErrors;
return errors === 0;
}

export const validateVolume = validate14;
const schema15 = {"type":"object","properties":{"driver":{"type":"string","enum":["local","bind","tmpfs"]},"hostPath":{"type":"string"},"nfs":false,"size":false,"accessMode":{"type":"string","enum":["ReadWriteOnce","ReadWriteMany"]},"owner":{"type":"object","properties":{"uid":{"type":"integer","minimum":0,"maximum":4294967294},"gid":{"type":"integer","minimum":0,"maximum":4294967294},"mode":{"type":["string","integer"]}},"additionalProperties":false},"populateFrom":false,"reclaimPolicy":{"type":"string","enum":["Retain","Delete"]}},"additionalProperties":false};

function validate14(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!((((((((key0 === "driver") || (key0 === "hostPath")) || (key0 === "nfs")) || (key0 === "size")) || (key0 === "accessMode")) || (key0 === "owner")) || (key0 === "populateFrom")) || (key0 === "reclaimPolicy"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.driver !== undefined){
let data0 = data.driver;
if(typeof data0 !== "string"){
const err1 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
if(!(((data0 === "local") || (data0 === "bind")) || (data0 === "tmpfs"))){
const err2 = {instancePath:instancePath+"/driver",schemaPath:"#/properties/driver/enum",keyword:"enum",params:{allowedValues: schema15.properties.driver.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.hostPath !== undefined){
if(typeof data.hostPath !== "string"){
const err3 = {instancePath:instancePath+"/hostPath",schemaPath:"#/properties/hostPath/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data.nfs !== undefined){
const err4 = {instancePath:instancePath+"/nfs",schemaPath:"#/properties/nfs/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
if(data.size !== undefined){
const err5 = {instancePath:instancePath+"/size",schemaPath:"#/properties/size/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
if(data.accessMode !== undefined){
let data4 = data.accessMode;
if(typeof data4 !== "string"){
const err6 = {instancePath:instancePath+"/accessMode",schemaPath:"#/properties/accessMode/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(!((data4 === "ReadWriteOnce") || (data4 === "ReadWriteMany"))){
const err7 = {instancePath:instancePath+"/accessMode",schemaPath:"#/properties/accessMode/enum",keyword:"enum",params:{allowedValues: schema15.properties.accessMode.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.owner !== undefined){
let data5 = data.owner;
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
for(const key1 in data5){
if(!(((key1 === "uid") || (key1 === "gid")) || (key1 === "mode"))){
const err8 = {instancePath:instancePath+"/owner",schemaPath:"#/properties/owner/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data5.uid !== undefined){
let data6 = data5.uid;
if(!(((typeof data6 == "number") && (!(data6 % 1) && !isNaN(data6))) && (isFinite(data6)))){
const err9 = {instancePath:instancePath+"/owner/uid",schemaPath:"#/properties/owner/properties/uid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
if((typeof data6 == "number") && (isFinite(data6))){
if(data6 > 4294967294 || isNaN(data6)){
const err10 = {instancePath:instancePath+"/owner/uid",schemaPath:"#/properties/owner/properties/uid/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if(data6 < 0 || isNaN(data6)){
const err11 = {instancePath:instancePath+"/owner/uid",schemaPath:"#/properties/owner/properties/uid/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
}
if(data5.gid !== undefined){
let data7 = data5.gid;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err12 = {instancePath:instancePath+"/owner/gid",schemaPath:"#/properties/owner/properties/gid/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 > 4294967294 || isNaN(data7)){
const err13 = {instancePath:instancePath+"/owner/gid",schemaPath:"#/properties/owner/properties/gid/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4294967294},message:"must be <= 4294967294"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
if(data7 < 0 || isNaN(data7)){
const err14 = {instancePath:instancePath+"/owner/gid",schemaPath:"#/properties/owner/properties/gid/minimum",keyword:"minimum",params:{comparison: ">=", limit: 0},message:"must be >= 0"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
if(data5.mode !== undefined){
let data8 = data5.mode;
if((typeof data8 !== "string") && (!(((typeof data8 == "number") && (!(data8 % 1) && !isNaN(data8))) && (isFinite(data8))))){
const err15 = {instancePath:instancePath+"/owner/mode",schemaPath:"#/properties/owner/properties/mode/type",keyword:"type",params:{type: schema15.properties.owner.properties.mode.type},message:"must be string,integer"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
}
else {
const err16 = {instancePath:instancePath+"/owner",schemaPath:"#/properties/owner/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data.populateFrom !== undefined){
const err17 = {instancePath:instancePath+"/populateFrom",schemaPath:"#/properties/populateFrom/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(data.reclaimPolicy !== undefined){
let data10 = data.reclaimPolicy;
if(typeof data10 !== "string"){
const err18 = {instancePath:instancePath+"/reclaimPolicy",schemaPath:"#/properties/reclaimPolicy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(!((data10 === "Retain") || (data10 === "Delete"))){
const err19 = {instancePath:instancePath+"/reclaimPolicy",schemaPath:"#/properties/reclaimPolicy/enum",keyword:"enum",params:{allowedValues: schema15.properties.reclaimPolicy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
else {
const err20 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
validate14.errors = vErrors;
return errors === 0;
}

export const validateConfig = validate15;
const schema16 = {"type":"object","properties":{"data":{"type":"object","additionalProperties":{"type":"string"}},"binaryData":{"type":"object","additionalProperties":{"type":"string"}},"files":{"type":"array","items":{"type":"string"}},"interpolate":{"type":"boolean"},"immutable":{"type":"boolean"}},"additionalProperties":false};

function validate15(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "data") || (key0 === "binaryData")) || (key0 === "files")) || (key0 === "interpolate")) || (key0 === "immutable"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.data !== undefined){
let data0 = data.data;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 in data0){
if(typeof data0[key1] !== "string"){
const err1 = {instancePath:instancePath+"/data/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/data/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
else {
const err2 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.binaryData !== undefined){
let data2 = data.binaryData;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key2 in data2){
if(typeof data2[key2] !== "string"){
const err3 = {instancePath:instancePath+"/binaryData/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/binaryData/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
else {
const err4 = {instancePath:instancePath+"/binaryData",schemaPath:"#/properties/binaryData/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.files !== undefined){
let data4 = data.files;
if(Array.isArray(data4)){
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
if(typeof data4[i0] !== "string"){
const err5 = {instancePath:instancePath+"/files/" + i0,schemaPath:"#/properties/files/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
else {
const err6 = {instancePath:instancePath+"/files",schemaPath:"#/properties/files/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.interpolate !== undefined){
if(typeof data.interpolate !== "boolean"){
const err7 = {instancePath:instancePath+"/interpolate",schemaPath:"#/properties/interpolate/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.immutable !== undefined){
if(typeof data.immutable !== "boolean"){
const err8 = {instancePath:instancePath+"/immutable",schemaPath:"#/properties/immutable/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
}
else {
const err9 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
validate15.errors = vErrors;
return errors === 0;
}

export const validateSecret = validate16;
const schema17 = {"type":"object","properties":{"stringData":{"type":"object","additionalProperties":{"type":"string"}},"data":{"type":"object","additionalProperties":{"type":"string"}},"encrypted":{"type":"object","additionalProperties":{"type":"string"}},"from":{"type":"object","properties":{"file":{"type":"string"},"env":{"type":"string"},"exec":{"type":"array","items":{"type":"string"}},"secret":{"type":"string"},"keys":{"type":"array","items":{"type":"string"}}},"additionalProperties":false},"generate":{"type":"object","additionalProperties":{"type":"object","properties":{"length":{"type":"integer","minimum":8,"maximum":4096},"charset":{"type":"string","enum":["alnum","hex","base64","ascii"]}},"additionalProperties":false}}},"additionalProperties":false};

function validate16(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(((((key0 === "stringData") || (key0 === "data")) || (key0 === "encrypted")) || (key0 === "from")) || (key0 === "generate"))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.stringData !== undefined){
let data0 = data.stringData;
if(data0 && typeof data0 == "object" && !Array.isArray(data0)){
for(const key1 in data0){
if(typeof data0[key1] !== "string"){
const err1 = {instancePath:instancePath+"/stringData/" + key1.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/stringData/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
}
else {
const err2 = {instancePath:instancePath+"/stringData",schemaPath:"#/properties/stringData/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.data !== undefined){
let data2 = data.data;
if(data2 && typeof data2 == "object" && !Array.isArray(data2)){
for(const key2 in data2){
if(typeof data2[key2] !== "string"){
const err3 = {instancePath:instancePath+"/data/" + key2.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/data/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
else {
const err4 = {instancePath:instancePath+"/data",schemaPath:"#/properties/data/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.encrypted !== undefined){
let data4 = data.encrypted;
if(data4 && typeof data4 == "object" && !Array.isArray(data4)){
for(const key3 in data4){
if(typeof data4[key3] !== "string"){
const err5 = {instancePath:instancePath+"/encrypted/" + key3.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/encrypted/additionalProperties/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
}
else {
const err6 = {instancePath:instancePath+"/encrypted",schemaPath:"#/properties/encrypted/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
if(data.from !== undefined){
let data6 = data.from;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key4 in data6){
if(!(((((key4 === "file") || (key4 === "env")) || (key4 === "exec")) || (key4 === "secret")) || (key4 === "keys"))){
const err7 = {instancePath:instancePath+"/from",schemaPath:"#/properties/from/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key4},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data6.file !== undefined){
if(typeof data6.file !== "string"){
const err8 = {instancePath:instancePath+"/from/file",schemaPath:"#/properties/from/properties/file/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data6.env !== undefined){
if(typeof data6.env !== "string"){
const err9 = {instancePath:instancePath+"/from/env",schemaPath:"#/properties/from/properties/env/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data6.exec !== undefined){
let data9 = data6.exec;
if(Array.isArray(data9)){
const len0 = data9.length;
for(let i0=0; i0<len0; i0++){
if(typeof data9[i0] !== "string"){
const err10 = {instancePath:instancePath+"/from/exec/" + i0,schemaPath:"#/properties/from/properties/exec/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath:instancePath+"/from/exec",schemaPath:"#/properties/from/properties/exec/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data6.secret !== undefined){
if(typeof data6.secret !== "string"){
const err12 = {instancePath:instancePath+"/from/secret",schemaPath:"#/properties/from/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
if(data6.keys !== undefined){
let data12 = data6.keys;
if(Array.isArray(data12)){
const len1 = data12.length;
for(let i1=0; i1<len1; i1++){
if(typeof data12[i1] !== "string"){
const err13 = {instancePath:instancePath+"/from/keys/" + i1,schemaPath:"#/properties/from/properties/keys/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
else {
const err14 = {instancePath:instancePath+"/from/keys",schemaPath:"#/properties/from/properties/keys/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
}
else {
const err15 = {instancePath:instancePath+"/from",schemaPath:"#/properties/from/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data.generate !== undefined){
let data14 = data.generate;
if(data14 && typeof data14 == "object" && !Array.isArray(data14)){
for(const key5 in data14){
let data15 = data14[key5];
if(data15 && typeof data15 == "object" && !Array.isArray(data15)){
for(const key6 in data15){
if(!((key6 === "length") || (key6 === "charset"))){
const err16 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/generate/additionalProperties/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key6},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data15.length !== undefined){
let data16 = data15.length;
if(!(((typeof data16 == "number") && (!(data16 % 1) && !isNaN(data16))) && (isFinite(data16)))){
const err17 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/length",schemaPath:"#/properties/generate/additionalProperties/properties/length/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if((typeof data16 == "number") && (isFinite(data16))){
if(data16 > 4096 || isNaN(data16)){
const err18 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/length",schemaPath:"#/properties/generate/additionalProperties/properties/length/maximum",keyword:"maximum",params:{comparison: "<=", limit: 4096},message:"must be <= 4096"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
if(data16 < 8 || isNaN(data16)){
const err19 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/length",schemaPath:"#/properties/generate/additionalProperties/properties/length/minimum",keyword:"minimum",params:{comparison: ">=", limit: 8},message:"must be >= 8"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
if(data15.charset !== undefined){
let data17 = data15.charset;
if(typeof data17 !== "string"){
const err20 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/charset",schemaPath:"#/properties/generate/additionalProperties/properties/charset/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
if(!((((data17 === "alnum") || (data17 === "hex")) || (data17 === "base64")) || (data17 === "ascii"))){
const err21 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1")+"/charset",schemaPath:"#/properties/generate/additionalProperties/properties/charset/enum",keyword:"enum",params:{allowedValues: schema17.properties.generate.additionalProperties.properties.charset.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
}
else {
const err22 = {instancePath:instancePath+"/generate/" + key5.replace(/~/g, "~0").replace(/\//g, "~1"),schemaPath:"#/properties/generate/additionalProperties/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
}
else {
const err23 = {instancePath:instancePath+"/generate",schemaPath:"#/properties/generate/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
}
else {
const err24 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
validate16.errors = vErrors;
return errors === 0;
}

export const validateRegistry = validate17;
const schema18 = {"type":"object","required":["host"],"properties":{"host":{"type":"string"},"mirrors":{"type":"array","items":{"type":"string"}},"auth":{"type":"object","properties":{"secret":{"type":"string"}},"additionalProperties":false},"ca":{"type":"string"},"clientCertificate":{"type":"object","properties":{"secret":{"type":"string"}},"additionalProperties":false},"realms":{"type":"array","items":{"type":"string"}},"insecure":{"type":"boolean"},"verify":{"type":"array","items":{"type":"object","properties":{"prefix":{"type":"string"},"keys":{"type":"array","items":{"type":"string"}},"keyFiles":{"type":"array","items":{"type":"string"}},"policy":{"type":"string","enum":["Any","All","None"]},"identity":{"type":"string","enum":["Any","Repository"]}},"additionalProperties":false}}},"additionalProperties":false};

function validate17(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
if(data.host === undefined){
const err0 = {instancePath,schemaPath:"#/required",keyword:"required",params:{missingProperty: "host"},message:"must have required property '"+"host"+"'"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
for(const key0 in data){
if(!((((((((key0 === "host") || (key0 === "mirrors")) || (key0 === "auth")) || (key0 === "ca")) || (key0 === "clientCertificate")) || (key0 === "realms")) || (key0 === "insecure")) || (key0 === "verify"))){
const err1 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.host !== undefined){
if(typeof data.host !== "string"){
const err2 = {instancePath:instancePath+"/host",schemaPath:"#/properties/host/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data.mirrors !== undefined){
let data1 = data.mirrors;
if(Array.isArray(data1)){
const len0 = data1.length;
for(let i0=0; i0<len0; i0++){
if(typeof data1[i0] !== "string"){
const err3 = {instancePath:instancePath+"/mirrors/" + i0,schemaPath:"#/properties/mirrors/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
}
else {
const err4 = {instancePath:instancePath+"/mirrors",schemaPath:"#/properties/mirrors/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
if(data.auth !== undefined){
let data3 = data.auth;
if(data3 && typeof data3 == "object" && !Array.isArray(data3)){
for(const key1 in data3){
if(!(key1 === "secret")){
const err5 = {instancePath:instancePath+"/auth",schemaPath:"#/properties/auth/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data3.secret !== undefined){
if(typeof data3.secret !== "string"){
const err6 = {instancePath:instancePath+"/auth/secret",schemaPath:"#/properties/auth/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
}
}
else {
const err7 = {instancePath:instancePath+"/auth",schemaPath:"#/properties/auth/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
}
if(data.ca !== undefined){
if(typeof data.ca !== "string"){
const err8 = {instancePath:instancePath+"/ca",schemaPath:"#/properties/ca/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data.clientCertificate !== undefined){
let data6 = data.clientCertificate;
if(data6 && typeof data6 == "object" && !Array.isArray(data6)){
for(const key2 in data6){
if(!(key2 === "secret")){
const err9 = {instancePath:instancePath+"/clientCertificate",schemaPath:"#/properties/clientCertificate/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data6.secret !== undefined){
if(typeof data6.secret !== "string"){
const err10 = {instancePath:instancePath+"/clientCertificate/secret",schemaPath:"#/properties/clientCertificate/properties/secret/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
}
}
else {
const err11 = {instancePath:instancePath+"/clientCertificate",schemaPath:"#/properties/clientCertificate/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
}
if(data.realms !== undefined){
let data8 = data.realms;
if(Array.isArray(data8)){
const len1 = data8.length;
for(let i1=0; i1<len1; i1++){
if(typeof data8[i1] !== "string"){
const err12 = {instancePath:instancePath+"/realms/" + i1,schemaPath:"#/properties/realms/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
else {
const err13 = {instancePath:instancePath+"/realms",schemaPath:"#/properties/realms/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
if(data.insecure !== undefined){
if(typeof data.insecure !== "boolean"){
const err14 = {instancePath:instancePath+"/insecure",schemaPath:"#/properties/insecure/type",keyword:"type",params:{type: "boolean"},message:"must be boolean"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.verify !== undefined){
let data11 = data.verify;
if(Array.isArray(data11)){
const len2 = data11.length;
for(let i2=0; i2<len2; i2++){
let data12 = data11[i2];
if(data12 && typeof data12 == "object" && !Array.isArray(data12)){
for(const key3 in data12){
if(!(((((key3 === "prefix") || (key3 === "keys")) || (key3 === "keyFiles")) || (key3 === "policy")) || (key3 === "identity"))){
const err15 = {instancePath:instancePath+"/verify/" + i2,schemaPath:"#/properties/verify/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
}
if(data12.prefix !== undefined){
if(typeof data12.prefix !== "string"){
const err16 = {instancePath:instancePath+"/verify/" + i2+"/prefix",schemaPath:"#/properties/verify/items/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
}
if(data12.keys !== undefined){
let data14 = data12.keys;
if(Array.isArray(data14)){
const len3 = data14.length;
for(let i3=0; i3<len3; i3++){
if(typeof data14[i3] !== "string"){
const err17 = {instancePath:instancePath+"/verify/" + i2+"/keys/" + i3,schemaPath:"#/properties/verify/items/properties/keys/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
}
}
else {
const err18 = {instancePath:instancePath+"/verify/" + i2+"/keys",schemaPath:"#/properties/verify/items/properties/keys/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data12.keyFiles !== undefined){
let data16 = data12.keyFiles;
if(Array.isArray(data16)){
const len4 = data16.length;
for(let i4=0; i4<len4; i4++){
if(typeof data16[i4] !== "string"){
const err19 = {instancePath:instancePath+"/verify/" + i2+"/keyFiles/" + i4,schemaPath:"#/properties/verify/items/properties/keyFiles/items/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
}
else {
const err20 = {instancePath:instancePath+"/verify/" + i2+"/keyFiles",schemaPath:"#/properties/verify/items/properties/keyFiles/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data12.policy !== undefined){
let data18 = data12.policy;
if(typeof data18 !== "string"){
const err21 = {instancePath:instancePath+"/verify/" + i2+"/policy",schemaPath:"#/properties/verify/items/properties/policy/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
if(!(((data18 === "Any") || (data18 === "All")) || (data18 === "None"))){
const err22 = {instancePath:instancePath+"/verify/" + i2+"/policy",schemaPath:"#/properties/verify/items/properties/policy/enum",keyword:"enum",params:{allowedValues: schema18.properties.verify.items.properties.policy.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
}
if(data12.identity !== undefined){
let data19 = data12.identity;
if(typeof data19 !== "string"){
const err23 = {instancePath:instancePath+"/verify/" + i2+"/identity",schemaPath:"#/properties/verify/items/properties/identity/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
if(!((data19 === "Any") || (data19 === "Repository"))){
const err24 = {instancePath:instancePath+"/verify/" + i2+"/identity",schemaPath:"#/properties/verify/items/properties/identity/enum",keyword:"enum",params:{allowedValues: schema18.properties.verify.items.properties.identity.enum},message:"must be equal to one of the allowed values"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
}
else {
const err25 = {instancePath:instancePath+"/verify/" + i2,schemaPath:"#/properties/verify/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
}
else {
const err26 = {instancePath:instancePath+"/verify",schemaPath:"#/properties/verify/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
}
}
else {
const err27 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
validate17.errors = vErrors;
return errors === 0;
}

export const validateEngineConfig = validate18;
const schema19 = {"type":"object","properties":{"prefix":{"type":"string"},"reconcile":{"type":"object","properties":{"interval":{"type":["string","number"]},"parallel":false},"additionalProperties":false},"pools":{"type":"array","items":{"type":"object","required":["cidr","block"],"properties":{"cidr":{"type":"string"},"block":{"type":"integer","minimum":8,"maximum":29}},"additionalProperties":false}},"watch":false,"firewall":false,"publish":false,"gc":{"type":"object","properties":{"high":{"type":["string","number"]},"low":{"type":["string","number"]},"minAge":{"type":["string","number"]},"keepRevisions":{"type":"integer","minimum":1},"trash":false},"additionalProperties":false},"defaults":false,"runtimes":false,"docker":false},"additionalProperties":false};

function validate18(data, {instancePath="", parentData, parentDataProperty, rootData=data}={}){
let vErrors = null;
let errors = 0;
if(data && typeof data == "object" && !Array.isArray(data)){
for(const key0 in data){
if(!(func2.call(schema19.properties, key0))){
const err0 = {instancePath,schemaPath:"#/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key0},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err0];
}
else {
vErrors.push(err0);
}
errors++;
}
}
if(data.prefix !== undefined){
if(typeof data.prefix !== "string"){
const err1 = {instancePath:instancePath+"/prefix",schemaPath:"#/properties/prefix/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err1];
}
else {
vErrors.push(err1);
}
errors++;
}
}
if(data.reconcile !== undefined){
let data1 = data.reconcile;
if(data1 && typeof data1 == "object" && !Array.isArray(data1)){
for(const key1 in data1){
if(!((key1 === "interval") || (key1 === "parallel"))){
const err2 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key1},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err2];
}
else {
vErrors.push(err2);
}
errors++;
}
}
if(data1.interval !== undefined){
let data2 = data1.interval;
if((typeof data2 !== "string") && (!((typeof data2 == "number") && (isFinite(data2))))){
const err3 = {instancePath:instancePath+"/reconcile/interval",schemaPath:"#/properties/reconcile/properties/interval/type",keyword:"type",params:{type: schema19.properties.reconcile.properties.interval.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err3];
}
else {
vErrors.push(err3);
}
errors++;
}
}
if(data1.parallel !== undefined){
const err4 = {instancePath:instancePath+"/reconcile/parallel",schemaPath:"#/properties/reconcile/properties/parallel/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err4];
}
else {
vErrors.push(err4);
}
errors++;
}
}
else {
const err5 = {instancePath:instancePath+"/reconcile",schemaPath:"#/properties/reconcile/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err5];
}
else {
vErrors.push(err5);
}
errors++;
}
}
if(data.pools !== undefined){
let data4 = data.pools;
if(Array.isArray(data4)){
const len0 = data4.length;
for(let i0=0; i0<len0; i0++){
let data5 = data4[i0];
if(data5 && typeof data5 == "object" && !Array.isArray(data5)){
if(data5.cidr === undefined){
const err6 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/required",keyword:"required",params:{missingProperty: "cidr"},message:"must have required property '"+"cidr"+"'"};
if(vErrors === null){
vErrors = [err6];
}
else {
vErrors.push(err6);
}
errors++;
}
if(data5.block === undefined){
const err7 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/required",keyword:"required",params:{missingProperty: "block"},message:"must have required property '"+"block"+"'"};
if(vErrors === null){
vErrors = [err7];
}
else {
vErrors.push(err7);
}
errors++;
}
for(const key2 in data5){
if(!((key2 === "cidr") || (key2 === "block"))){
const err8 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key2},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err8];
}
else {
vErrors.push(err8);
}
errors++;
}
}
if(data5.cidr !== undefined){
if(typeof data5.cidr !== "string"){
const err9 = {instancePath:instancePath+"/pools/" + i0+"/cidr",schemaPath:"#/properties/pools/items/properties/cidr/type",keyword:"type",params:{type: "string"},message:"must be string"};
if(vErrors === null){
vErrors = [err9];
}
else {
vErrors.push(err9);
}
errors++;
}
}
if(data5.block !== undefined){
let data7 = data5.block;
if(!(((typeof data7 == "number") && (!(data7 % 1) && !isNaN(data7))) && (isFinite(data7)))){
const err10 = {instancePath:instancePath+"/pools/" + i0+"/block",schemaPath:"#/properties/pools/items/properties/block/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err10];
}
else {
vErrors.push(err10);
}
errors++;
}
if((typeof data7 == "number") && (isFinite(data7))){
if(data7 > 29 || isNaN(data7)){
const err11 = {instancePath:instancePath+"/pools/" + i0+"/block",schemaPath:"#/properties/pools/items/properties/block/maximum",keyword:"maximum",params:{comparison: "<=", limit: 29},message:"must be <= 29"};
if(vErrors === null){
vErrors = [err11];
}
else {
vErrors.push(err11);
}
errors++;
}
if(data7 < 8 || isNaN(data7)){
const err12 = {instancePath:instancePath+"/pools/" + i0+"/block",schemaPath:"#/properties/pools/items/properties/block/minimum",keyword:"minimum",params:{comparison: ">=", limit: 8},message:"must be >= 8"};
if(vErrors === null){
vErrors = [err12];
}
else {
vErrors.push(err12);
}
errors++;
}
}
}
}
else {
const err13 = {instancePath:instancePath+"/pools/" + i0,schemaPath:"#/properties/pools/items/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err13];
}
else {
vErrors.push(err13);
}
errors++;
}
}
}
else {
const err14 = {instancePath:instancePath+"/pools",schemaPath:"#/properties/pools/type",keyword:"type",params:{type: "array"},message:"must be array"};
if(vErrors === null){
vErrors = [err14];
}
else {
vErrors.push(err14);
}
errors++;
}
}
if(data.watch !== undefined){
const err15 = {instancePath:instancePath+"/watch",schemaPath:"#/properties/watch/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err15];
}
else {
vErrors.push(err15);
}
errors++;
}
if(data.firewall !== undefined){
const err16 = {instancePath:instancePath+"/firewall",schemaPath:"#/properties/firewall/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err16];
}
else {
vErrors.push(err16);
}
errors++;
}
if(data.publish !== undefined){
const err17 = {instancePath:instancePath+"/publish",schemaPath:"#/properties/publish/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err17];
}
else {
vErrors.push(err17);
}
errors++;
}
if(data.gc !== undefined){
let data11 = data.gc;
if(data11 && typeof data11 == "object" && !Array.isArray(data11)){
for(const key3 in data11){
if(!(((((key3 === "high") || (key3 === "low")) || (key3 === "minAge")) || (key3 === "keepRevisions")) || (key3 === "trash"))){
const err18 = {instancePath:instancePath+"/gc",schemaPath:"#/properties/gc/additionalProperties",keyword:"additionalProperties",params:{additionalProperty: key3},message:"must NOT have additional properties"};
if(vErrors === null){
vErrors = [err18];
}
else {
vErrors.push(err18);
}
errors++;
}
}
if(data11.high !== undefined){
let data12 = data11.high;
if((typeof data12 !== "string") && (!((typeof data12 == "number") && (isFinite(data12))))){
const err19 = {instancePath:instancePath+"/gc/high",schemaPath:"#/properties/gc/properties/high/type",keyword:"type",params:{type: schema19.properties.gc.properties.high.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err19];
}
else {
vErrors.push(err19);
}
errors++;
}
}
if(data11.low !== undefined){
let data13 = data11.low;
if((typeof data13 !== "string") && (!((typeof data13 == "number") && (isFinite(data13))))){
const err20 = {instancePath:instancePath+"/gc/low",schemaPath:"#/properties/gc/properties/low/type",keyword:"type",params:{type: schema19.properties.gc.properties.low.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err20];
}
else {
vErrors.push(err20);
}
errors++;
}
}
if(data11.minAge !== undefined){
let data14 = data11.minAge;
if((typeof data14 !== "string") && (!((typeof data14 == "number") && (isFinite(data14))))){
const err21 = {instancePath:instancePath+"/gc/minAge",schemaPath:"#/properties/gc/properties/minAge/type",keyword:"type",params:{type: schema19.properties.gc.properties.minAge.type},message:"must be string,number"};
if(vErrors === null){
vErrors = [err21];
}
else {
vErrors.push(err21);
}
errors++;
}
}
if(data11.keepRevisions !== undefined){
let data15 = data11.keepRevisions;
if(!(((typeof data15 == "number") && (!(data15 % 1) && !isNaN(data15))) && (isFinite(data15)))){
const err22 = {instancePath:instancePath+"/gc/keepRevisions",schemaPath:"#/properties/gc/properties/keepRevisions/type",keyword:"type",params:{type: "integer"},message:"must be integer"};
if(vErrors === null){
vErrors = [err22];
}
else {
vErrors.push(err22);
}
errors++;
}
if((typeof data15 == "number") && (isFinite(data15))){
if(data15 < 1 || isNaN(data15)){
const err23 = {instancePath:instancePath+"/gc/keepRevisions",schemaPath:"#/properties/gc/properties/keepRevisions/minimum",keyword:"minimum",params:{comparison: ">=", limit: 1},message:"must be >= 1"};
if(vErrors === null){
vErrors = [err23];
}
else {
vErrors.push(err23);
}
errors++;
}
}
}
if(data11.trash !== undefined){
const err24 = {instancePath:instancePath+"/gc/trash",schemaPath:"#/properties/gc/properties/trash/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err24];
}
else {
vErrors.push(err24);
}
errors++;
}
}
else {
const err25 = {instancePath:instancePath+"/gc",schemaPath:"#/properties/gc/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err25];
}
else {
vErrors.push(err25);
}
errors++;
}
}
if(data.defaults !== undefined){
const err26 = {instancePath:instancePath+"/defaults",schemaPath:"#/properties/defaults/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err26];
}
else {
vErrors.push(err26);
}
errors++;
}
if(data.runtimes !== undefined){
const err27 = {instancePath:instancePath+"/runtimes",schemaPath:"#/properties/runtimes/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err27];
}
else {
vErrors.push(err27);
}
errors++;
}
if(data.docker !== undefined){
const err28 = {instancePath:instancePath+"/docker",schemaPath:"#/properties/docker/false schema",keyword:"false schema",params:{},message:"boolean schema is false"};
if(vErrors === null){
vErrors = [err28];
}
else {
vErrors.push(err28);
}
errors++;
}
}
else {
const err29 = {instancePath,schemaPath:"#/type",keyword:"type",params:{type: "object"},message:"must be object"};
if(vErrors === null){
vErrors = [err29];
}
else {
vErrors.push(err29);
}
errors++;
}
validate18.errors = vErrors;
return errors === 0;
}


export interface SchemaError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Validator {
  (data: unknown): boolean;
  errors?: readonly SchemaError[] | null;
}

/** One validator a kind of this release, and `Metadata`. Errors stand in `errors` until the next call. */
export const validators: Readonly<Record<'Metadata' | 'Container' | 'Image' | 'Network' | 'Volume' | 'Config' | 'Secret' | 'Registry' | 'EngineConfig', Validator>> = { Metadata: validateMetadata, Container: validateContainer, Image: validateImage, Network: validateNetwork, Volume: validateVolume, Config: validateConfig, Secret: validateSecret, Registry: validateRegistry, EngineConfig: validateEngineConfig };
